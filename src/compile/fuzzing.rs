//! What strangers' sources go through, for `tests/fuzz`.

use super::compile;
use super::error::CompileError;
use super::input::{Role, Source};
use super::resources::memory_estimate;
use super::source::lexer::Tokens;
use super::source::parse;
use crate::model::wire_format::{self, Splice, SpliceKind};
use crate::model::{Limits, ModuleFile, Snapshot};

/// What sources may import: options of every kind.
const DECLARATIONS: &str = include_str!("fuzzing.proto");

/// The lexer, and the parser with all that stands before it.
pub(crate) fn parser(data: &[u8]) {
    let Ok(source) = parse::text("a.proto", data) else { return };
    let mut end = 0;
    for token in Tokens::new(source) {
        assert!(token.offset >= end && token.offset < source.len(), "tokens come in their order, each once");
        assert!(token.end > token.offset, "a token holds something");
        end = token.end;
    }
    if memory_estimate::survey("a.proto", source, &Limits::default()).is_err() {
        return;
    }
    if let Ok(parsed) = parse::parse("a.proto", source) {
        assert_eq!(parsed.proto.name(), "a.proto");
    }
}

/// The linker and the interpreter of options: what they accept can be read.
pub(crate) fn options(data: &[u8]) {
    let file = |path: &str, content: &[u8]| {
        path.parse().ok().map(|path| ModuleFile { path, content: bytes::Bytes::copy_from_slice(content) })
    };
    let files = [file("a.proto", data), file("declarations.proto", DECLARATIONS.as_bytes())];
    let Ok(module) = "acme/fuzz".parse() else { return };
    let Ok(snapshot) = Snapshot::new(files.into_iter().flatten().collect(), &Limits::default()) else { return };
    let source = Source { module: &module, snapshot: &snapshot, role: Role::Content };
    match compile(&[source], &Limits::default()) {
        Ok(compiled) => {
            for file in &compiled.descriptors.files {
                // A text in it need not be UTF-8.
                let name = wire_format::name(&file.encoded);
                assert!(
                    name.is_ok_and(|name| name == file.proto.name().as_bytes()),
                    "{} cannot be read",
                    file.proto.name()
                );
            }
        }
        Err(error) => assert!(!matches!(error, CompileError::Internal(_)), "{error}"),
    }
}

/// Changes of an encoded file. The first byte counts the changes, each of which is a path and bytes.
pub(crate) fn splice(data: &[u8]) {
    let mut rest = data;
    let mut next = |most: usize| {
        let (first, behind) = rest.split_first()?;
        let (taken, left) = behind.split_at(usize::from(*first).min(most).min(behind.len()));
        rest = left;
        Some(taken)
    };
    let Some(changes) = next(0).map(|_| data[0] % 4) else { return };
    let mut splices = Vec::new();
    for _ in 0..changes {
        let (Some(path), Some(bytes)) = (next(6), next(40)) else { return };
        // Paths lead from field to index and on: to a field for what replaces, to an index for what is appended.
        let kind = if path.len() % 2 == 1 { SpliceKind::Replaced } else { SpliceKind::Appended };
        let path = path.iter().enumerate().map(|(at, part)| i32::from(*part) + i32::from(at % 2 == 0)).collect();
        splices.push(Splice { path, bytes: bytes.to_vec(), kind });
    }
    splices.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    splices.dedup_by(|one, other| one.path == other.path);
    let result = wire_format::splice(rest, &splices);
    if splices.is_empty() {
        assert!(result.is_ok_and(|same| same == rest), "nothing was to be changed");
    }
}
