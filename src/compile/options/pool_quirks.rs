//! Keeps the pool that interprets options from refusing field names that only it finds too alike.
//!
//! In proto3 it compares names without case and underscores, so `foobar` and `foo_bar` collide. `protoc` compares
//! JSON names, `foobar` and `fooBar`, which differ. The pool does without that check in proto2: so such a file, and
//! only such a file, goes in without its syntax.

use std::collections::HashSet;

use prost_types::{DescriptorProto, FileDescriptorProto};

use crate::compile::visit::elements::{Node, elements};

/// Whether fields of a message in `file` have names that differ only by case and underscores.
pub(in crate::compile) fn is_alike(file: &FileDescriptorProto) -> bool {
    let mut found = false;
    elements(file, |element| {
        if let Node::Message(message) = element.node {
            found |= has_alike(message);
        }
    });
    found
}

fn has_alike(message: &DescriptorProto) -> bool {
    let plain = |name: &str| name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect::<String>();
    let mut names = HashSet::new();
    !message.field.iter().all(|field| names.insert(plain(field.name())))
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::{compile_files, refusal};

    #[test]
    fn names_that_differ_only_by_case_and_underscores_are_fine() {
        let source = "syntax = \"proto3\"; message M { int32 foobar = 1; int32 foo_bar = 2; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let file = &compiled.descriptors.files[0];
        assert_eq!(file.proto.syntax(), "proto3");
        let mut read: prost_types::FileDescriptorProto = prost::Message::decode(file.encoded.clone()).unwrap();
        read.source_code_info = None;
        assert_eq!(*file.proto, read);
    }

    #[test]
    fn the_rules_of_proto3_hold_for_them_nevertheless() {
        let fields =
            |more: &str| format!("syntax = \"proto3\"; message M {{ int32 fooBar = 1; int32 foobar = 2; }} {more}");
        assert!(refusal(&[("a.proto", &fields("enum E { A = 1; }"))]).contains("must be 0"));
        let same = "syntax = \"proto3\"; message M { int32 fooBar = 1; int32 foo_bar = 2; }";
        assert!(refusal(&[("a.proto", same)]).contains("JSON name"));
    }
}
