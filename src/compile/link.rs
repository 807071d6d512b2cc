//! Resolves names and interprets options of all files.
//!
//! The work grows with the files and what they write, not with their product: one table of all names
//! ([`super::names::symbols`]), then every file by itself and in parallel.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use prost_types::FileDescriptorProto;
use rayon::prelude::*;

use super::cache::files::CachedFile;
use super::cache::fingerprints;
use super::error::CompileError;
use super::findings::refuse_any;
use super::imports::loaded::{Loaded, LoadedFile};
use super::input::Role;
use super::names::references;
use super::names::symbols::Symbols;
use super::options::apply;
use super::options::facts::Facts;
use super::options::interpret::{self, Interpreted};
use super::resources::deadline::Deadline;
use super::source::edition::Editioned;
use crate::model::wire_format::Splice;
use crate::model::{FileOrigin, Sha256Digest};

/// One linked file.
pub(super) struct LinkedFile<'a> {
    pub(super) origin: FileOrigin,
    pub(super) role: Role,
    /// Its text; empty for a well-known file.
    pub(super) source: &'a str,
    /// Names resolved, known options interpreted.
    pub(super) proto: Cow<'a, FileDescriptorProto>,
    /// What prost cannot hold: options messages with fields that it does not know, and texts
    /// that are no UTF-8.
    pub(super) splices: Vec<Splice>,
    pub(super) facts: Arc<Facts>,
    /// What an earlier compilation made of it; then the splices above are left out.
    pub(super) earlier: Option<&'a CachedFile>,
    /// Edition, visibility and option imports, which the descriptor cannot hold, if it declares an edition.
    pub(super) edition: Option<Editioned>,
}

/// Linked files, and the digests by path of the texts that the next compilation may use again.
type Linked<'a> = (Vec<LinkedFile<'a>>, HashMap<String, Sha256Digest>);

/// Links `loaded`; the files come out in `order`, with the digests of the texts that may be used again.
///
/// # Errors
/// When a name is not defined, defined twice or not of the needed kind, an option does not fit, or it takes too long.
pub(super) fn link<'a>(
    mut loaded: Loaded<'a>,
    order: &[String],
    deadline: &Deadline,
) -> Result<Linked<'a>, CompileError> {
    let mut files: Vec<_> = order.iter().filter_map(|path| loaded.files.remove(path)).collect();
    let symbols = Symbols::new(&files)?;
    deadline.check()?;
    let resolve = |(index, file): (usize, &mut LoadedFile<'_>)| {
        if deadline.is_over() { vec![] } else { references::resolve(&symbols, index, file) }
    };
    let fresh = files.par_iter_mut().enumerate().filter(|(_, file)| file.earlier.is_none());
    refuse_any(fresh.flat_map_iter(resolve).collect())?;
    deadline.check()?;
    let kept = fingerprints::texts(&files);
    let mut interpreted = interpret::interpret(&symbols, &files, deadline);
    deadline.check()?;
    refuse_any(interpreted.iter_mut().flat_map(|file| std::mem::take(&mut file.findings)).collect())?;
    let linked = files.into_par_iter().zip(interpreted).map(|(file, options)| linked(file, options)).collect();
    Ok((linked, kept))
}

fn linked(mut file: LoadedFile<'_>, interpreted: Interpreted) -> LinkedFile<'_> {
    let mut splices = std::mem::take(&mut file.raw_texts);
    if file.earlier.is_none() {
        splices.extend(apply::apply(&mut file, &interpreted));
    }
    let LoadedFile { origin, role, source, proto, earlier, edition, .. } = file;
    LinkedFile { origin, role, source, proto, splices, facts: interpreted.facts, earlier, edition }
}

#[cfg(test)]
mod tests {
    use super::super::testing::compile_files;

    #[test]
    fn custom_options_are_in_the_encoding_and_json_names_in_both() {
        let source = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";
            extend google.protobuf.FieldOptions { string note = 50000; }
            message M { int32 one_two = 1 [(note) = \"kept\"]; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let file = compiled.descriptors.file("a.proto").unwrap();
        assert!(file.encoded.windows(4).any(|bytes| bytes == b"kept"));
        assert_eq!(file.proto.message_type[0].field[0].json_name(), "oneTwo");
        assert_eq!(file.proto.extension[0].json_name(), "note");
        let mut read: prost_types::FileDescriptorProto = prost::Message::decode(file.encoded.clone()).unwrap();
        assert_eq!(read.source_code_info.take(), Some(file.source_info()));
        assert_eq!(*file.proto, read);
    }
}
