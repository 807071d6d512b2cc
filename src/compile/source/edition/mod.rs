//! Editions 2023 and 2024, which the parser does not know, and the few values that it cannot read in any syntax.
//!
//! A source that declares an edition is shown to the parser as the proto2 source that says the same (`scan` and
//! `literals` find what to change, `edits` changes it). Then every place is led back to where it is in the source as it
//! was written, and what neither the parser nor prost's descriptors know is kept beside the file.

mod edits;
pub(in crate::compile) mod features;
mod literals;
mod scan;
pub(in crate::compile) mod supported;

use std::collections::BTreeMap;

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::FileDescriptorProto;
use prost_types::source_code_info::Location;

use super::lexer::{Token, TokenKind, Tokens};
use crate::model::Diagnostic;
use crate::model::wire_format::{Splice, SpliceKind};
use edits::Edits;
use supported::{Edition, Visibility};

/// Field numbers of `FileDescriptorProto`.
const DEPENDENCY: i32 = 3;
const EDITION: u32 = 14;
const OPTION_DEPENDENCY: i32 = 15;
/// `DescriptorProto.extension_range`, and `start` and `end` of a range.
const EXTENSION_RANGE: i32 = 5;
const RANGE_START: i32 = 1;
const RANGE_END: i32 = 2;
/// `visibility` of messages and of enums.
const MESSAGE_VISIBILITY: u32 = 11;
const ENUM_VISIBILITY: u32 = 6;

/// What a file with an edition has beyond its descriptor.
#[derive(Debug, Clone)]
pub(in crate::compile) struct Editioned {
    pub(in crate::compile) edition: Edition,
    /// The types that say who may use them, by path.
    pub(in crate::compile) visibility: BTreeMap<Vec<i32>, Visibility>,
    /// How many of the imports are for options only. They stand behind the others.
    pub(in crate::compile) option_imports: usize,
}

/// A source as the parser is shown it.
pub(in crate::compile) struct Rewritten {
    /// Line by line the same; proto2 if it declares an edition.
    pub(in crate::compile) source: String,
    edition: Option<Edition>,
    edits: Edits,
    /// Where the keywords are that a visibility stands before, in the source as it was written.
    modifiers: BTreeMap<usize, Visibility>,
    option_imports: usize,
}

/// `source` as the parser can read it, when that is not as it was written.
///
/// # Errors
/// When the edition is not known, or the source uses what no edition has.
pub(in crate::compile) fn rewrite(path: &str, source: &str) -> Result<Option<Rewritten>, Vec<Diagnostic>> {
    let mut tokens = Tokens::new(source);
    let Some(Token { offset, kind: TokenKind::Word("edition") }) = tokens.next() else {
        return Ok(without_edition(source));
    };
    let refuse = |offset, message: String| Err(vec![Diagnostic::at_offset(path, source, offset, message)]);
    let (Some(Token { kind: TokenKind::Mark(b'='), .. }), Some(value)) = (tokens.next(), tokens.next()) else {
        return refuse(offset, "an edition is declared as `edition = \"2023\";`".into());
    };
    let edition = match value.kind {
        TokenKind::Text("2023") => Edition::E2023,
        TokenKind::Text("2024") => Edition::E2024,
        TokenKind::Text(other) => {
            return refuse(value.offset, format!("edition {other:?} is not supported; editions 2023 and 2024 are"));
        }
        _ => return refuse(value.offset, "an edition is a text in quotes, as in `edition = \"2023\";`".into()),
    };
    let found = scan::scan(path, source, edition);
    if !found.findings.is_empty() {
        return Err(found.findings);
    }
    let mut edits = found.edits;
    literals::find(source, &mut edits);
    edits.replace(offset, "edition".len(), "syntax ");
    edits.replace(value.offset, "\"2023\"".len(), "\"proto2\"");
    let source = edits.apply(source);
    let (edition, option_imports) = (Some(edition), found.option_imports);
    Ok(Some(Rewritten { source, edition, edits, modifiers: found.modifiers, option_imports }))
}

fn without_edition(source: &str) -> Option<Rewritten> {
    let mut edits = Edits::default();
    literals::find(source, &mut edits);
    if edits.is_empty() {
        return None;
    }
    let source = edits.apply(source);
    Some(Rewritten { source, edition: None, edits, modifiers: BTreeMap::new(), option_imports: 0 })
}

impl Rewritten {
    /// The offset in the source as it was written that `offset` in the rewritten one stands for.
    pub(in crate::compile) fn written_offset(&self, offset: usize) -> usize {
        self.edits.written_offset(offset)
    }

    /// Makes of `proto`, parsed from the rewritten source, the descriptor of the written one. The answer is what it has
    /// beyond that when it declares an edition.
    pub(in crate::compile) fn restore(self, proto: &mut FileDescriptorProto, written: &str) -> Option<Editioned> {
        let places = self.edits.places(&self.source, written);
        let first_option_import = proto.dependency.len().saturating_sub(self.option_imports);
        let mut visibility = BTreeMap::new();
        if let Some(info) = &mut proto.source_code_info {
            for location in &mut info.location {
                places.restore(&mut location.span);
                renumber_import(location, first_option_import);
                // Elements have paths of even length; of their parts, only names begin elsewhere.
                if location.path.len().is_multiple_of(2)
                    && let Some(found) = places.offset(&location.span).and_then(|offset| self.modifiers.get(&offset))
                {
                    visibility.insert(location.path.clone(), *found);
                }
            }
            give_ends(&mut info.location);
            // Labels that were put in take no room.
            info.location.retain(|location| !edits::is_empty(&location.span));
        }
        let edition = self.edition?;
        proto.syntax = Some("editions".into());
        Some(Editioned { edition, visibility, option_imports: self.option_imports })
    }
}

/// A range of one number ends where it starts: where its end was put in for the parser, it has no place of its own.
fn give_ends(locations: &mut [Location]) {
    let mut start = Vec::new();
    for location in locations {
        match location.path[..] {
            [.., EXTENSION_RANGE, _, RANGE_START] => start.clone_from(&location.span),
            [.., EXTENSION_RANGE, _, RANGE_END] if edits::is_empty(&location.span) => location.span.clone_from(&start),
            _ => {}
        }
    }
}

fn renumber_import(location: &mut Location, first_option_import: usize) {
    if let [DEPENDENCY, index] = location.path[..]
        && let Some(index) = usize::try_from(index).ok().and_then(|index| index.checked_sub(first_option_import))
    {
        location.path = vec![OPTION_DEPENDENCY, i32::try_from(index).unwrap_or(i32::MAX)];
    }
}

impl Editioned {
    /// Takes out of `proto` the imports that are for options only, and answers with all that has to be put into the
    /// encoded file.
    pub(in crate::compile) fn detach(&self, proto: &mut FileDescriptorProto) -> Vec<Splice> {
        let mut file = Vec::new();
        encode_key(EDITION, WireType::Varint, &mut file);
        encode_varint(self.edition as u64, &mut file);
        let kept = proto.dependency.len().saturating_sub(self.option_imports);
        for path in proto.dependency.drain(kept..) {
            encode_key(OPTION_DEPENDENCY.unsigned_abs(), WireType::LengthDelimited, &mut file);
            encode_varint(path.len() as u64, &mut file);
            file.extend_from_slice(path.as_bytes());
        }
        let mut splices = vec![Splice { path: vec![], bytes: file, kind: SpliceKind::Appended }];
        for (path, visibility) in &self.visibility {
            let is_message = path.len() == 2 && path[0] == 4 || path.len() > 2 && path[path.len() - 2] == 3;
            let mut bytes = Vec::new();
            encode_key(if is_message { MESSAGE_VISIBILITY } else { ENUM_VISIBILITY }, WireType::Varint, &mut bytes);
            encode_varint(*visibility as u64, &mut bytes);
            splices.push(Splice { path: path.clone(), bytes, kind: SpliceKind::Appended });
        }
        splices
    }
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::{compile_files, refusal};

    #[test]
    fn editions_that_do_not_exist_are_named() {
        let text = refusal(&[("a.proto", "// Licence\n\nedition = \"2099\";\n")]);
        assert!(
            text.starts_with("a.proto:3:11: edition \"2099\" is not supported; editions 2023 and 2024 are"),
            "{text}"
        );
        assert!(refusal(&[("a.proto", "edition = 2023;")]).starts_with("a.proto:1:11: an edition is a text in quotes"));
        assert!(refusal(&[("a.proto", "edition 2023;")]).starts_with("a.proto:1:1: an edition is declared as"));
        assert_eq!(refusal(&[("a.proto", "syntax = \"proto3\";\nmessage edition {}")]), "");
    }

    #[test]
    fn findings_stand_where_the_source_was_written() {
        let source = "edition = \"2023\"; message M { Nowhere a = 1; reserved b, c; Elsewhere d = 2; }";
        let text = refusal(&[("a.proto", source)]);
        assert!(
            text.contains("a.proto:1:31: name 'Nowhere'") && text.contains("a.proto:1:61: name 'Elsewhere'"),
            "{text}"
        );
        let text = refusal(&[("a.proto", "edition = \"2023\"; message M { string a = 1; string b 2; }")]);
        assert!(text.starts_with("a.proto:1:54: expected '='"), "{text}");
    }

    #[test]
    fn the_encoding_names_edition_visibility_and_option_imports() {
        let source = "edition = \"2024\"; import option \"b.proto\";\nlocal message M { export enum E { A = 0; } }";
        let compiled = compile_files(&[("a.proto", source), ("b.proto", "")]).unwrap();
        let file = compiled.descriptors.file("a.proto").unwrap();
        assert_eq!((file.proto.syntax(), &file.proto.dependency[..]), ("editions", &[][..]));
        assert!(file.encoded.ends_with(b"\x62\x08editions\x70\xe9\x07\x7a\x07b.proto"), "{:?}", file.encoded);
        let message = b"\x22\x13\x0a\x01M\x22\x0c\x0a\x01E\x12\x05\x0a\x01A\x10\x00\x30\x02\x58\x01";
        assert!(file.encoded.windows(message.len()).any(|bytes| bytes == message), "{:?}", file.encoded);
    }
}
