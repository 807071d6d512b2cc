//! What files of editions have that prost's descriptors cannot hold.

pub(in crate::compile) mod features;
pub(in crate::compile) mod supported;

use std::collections::BTreeMap;

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::FileDescriptorProto;

use crate::model::wire_format::{Splice, SpliceKind};
use supported::{Edition, Visibility};

/// Field numbers of `FileDescriptorProto`.
const EDITION: u32 = 14;
const OPTION_DEPENDENCY: u32 = 15;
/// `visibility` of messages and of enums.
const MESSAGE_VISIBILITY: u32 = 11;
const ENUM_VISIBILITY: u32 = 6;

/// What a file with an edition has beyond its descriptor.
#[derive(Debug, Clone)]
pub(in crate::compile) struct Editioned {
    pub(in crate::compile) edition: Edition,
    /// The types that say who may use them, by path.
    pub(in crate::compile) visibility: BTreeMap<Vec<i32>, Visibility>,
    /// How many of the imports are for options only. They stand after the others.
    pub(in crate::compile) option_imports: usize,
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
            encode_key(OPTION_DEPENDENCY, WireType::LengthDelimited, &mut file);
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
            text.starts_with("a.proto:3:11: edition \"2099\" is not supported; editions 2023, 2024 and 2026 are"),
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
