//! Rules on files as a whole.

use prost_types::FileDescriptorProto;

use super::rules::{Rules, is_lite};
use crate::compile::visit::elements::Element;

/// `FileDescriptorProto.dependency`.
const DEPENDENCY: i32 = 3;

/// `FileDescriptorProto.package`.
const PACKAGE: i32 = 2;

/// What a `descriptor.proto` has to declare when a module brings its own, as `buf` asks for it: fields, by message.
const NEEDED: [(&str, &[&str]); 15] = [
    ("FileDescriptorProto", &["options"]),
    ("DescriptorProto", &["options"]),
    ("FieldDescriptorProto", &["json_name", "options"]),
    ("OneofDescriptorProto", &["options"]),
    ("EnumDescriptorProto", &["options"]),
    ("EnumValueDescriptorProto", &["options"]),
    ("ServiceDescriptorProto", &["options"]),
    ("MethodDescriptorProto", &["options"]),
    ("FileOptions", &["deprecated", "java_multiple_files", "java_string_check_utf8", "optimize_for"]),
    ("MessageOptions", &["deprecated", "map_entry", "message_set_wire_format"]),
    ("FieldOptions", &["ctype", "deprecated", "jstype", "lazy", "packed"]),
    ("EnumOptions", &["allow_alias", "deprecated"]),
    ("EnumValueOptions", &["deprecated"]),
    ("ServiceOptions", &["deprecated"]),
    ("MethodOptions", &["deprecated"]),
];

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, file: &FileDescriptorProto) {
    check_runtime(rules, element, file);
    if file.name() == "google/protobuf/descriptor.proto" && file.package() == "google.protobuf" {
        check_descriptors(rules, element, file);
    }
}

fn check_descriptors(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, file: &FileDescriptorProto) {
    let has = |message: &str, field: &str| {
        let found = file.message_type.iter().find(|found| found.name() == message);
        found.is_some_and(|found| found.field.iter().any(|found| found.name() == field))
    };
    let needed = NEEDED.iter().flat_map(|(message, fields)| fields.iter().map(move |field| (*message, *field)));
    for (message, field) in needed.filter(|(message, field)| !has(message, field)) {
        let message = format!("this file declares no google.protobuf.{message}.{field}, which compilers need");
        rules.refuse(element, &[PACKAGE], message);
    }
}

/// The full runtime cannot work with messages that were made for the lite one.
fn check_runtime(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, file: &FileDescriptorProto) {
    if is_lite(file) {
        return;
    }
    for (index, path) in (0..).zip(&file.dependency) {
        if rules.lite.contains(path.as_str()) {
            let message = format!("{path} is for LITE_RUNTIME, so only files that are too can import it");
            rules.refuse(element, &[DEPENDENCY, index], message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::refusal;

    #[test]
    fn a_descriptor_file_of_ones_own_declares_what_compilers_need() {
        let source = "syntax = \"proto2\"; package google.protobuf; message FileDescriptorProto {}";
        let text = refusal(&[("google/protobuf/descriptor.proto", source)]);
        let expected = "this file declares no google.protobuf.FileDescriptorProto.options, which compilers need";
        assert!(text.starts_with(&format!("google/protobuf/descriptor.proto:1:20: {expected}")), "{text}");
        assert_eq!(refusal(&[("other.proto", source)]), "");
    }

    #[test]
    fn lite_files_are_imported_by_lite_files_only() {
        let lite = "option optimize_for = LITE_RUNTIME;";
        let text = refusal(&[("a.proto", "syntax = \"proto3\";\nimport \"b.proto\";"), ("b.proto", lite)]);
        assert!(text.starts_with("a.proto:2:1: b.proto is for LITE_RUNTIME"), "{text}");
        let importing = format!("import \"b.proto\"; {lite}");
        assert_eq!(refusal(&[("a.proto", &importing), ("b.proto", lite)]), "");
    }
}
