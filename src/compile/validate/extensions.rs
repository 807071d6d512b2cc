//! Rules on extensions.

use std::collections::HashMap;

use prost_types::FieldDescriptorProto;
use prost_types::field_descriptor_proto::{Label, Type};
use rayon::prelude::*;

use super::super::link::LinkedFile;
use super::declarations;
use super::rules::Rules;
use crate::compile::findings::{self, MAX_FINDINGS};
use crate::compile::input::Role;
use crate::compile::names::references::json_name;
use crate::compile::visit::elements::{Element, Node, elements};
use crate::model::Diagnostic;

const EXTENDEE: i32 = 2;
const NUMBER: i32 = 3;
const JSON_NAME: i32 = 10;

/// The messages that proto3 may extend: options.
const OPTIONS: [&str; 10] = [
    ".google.protobuf.FileOptions",
    ".google.protobuf.MessageOptions",
    ".google.protobuf.FieldOptions",
    ".google.protobuf.EnumOptions",
    ".google.protobuf.EnumValueOptions",
    ".google.protobuf.ServiceOptions",
    ".google.protobuf.MethodOptions",
    ".google.protobuf.StreamOptions",
    ".google.protobuf.OneofOptions",
    ".google.protobuf.ExtensionRangeOptions",
];

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    if rules.is_proto3() && !OPTIONS.contains(&field.extendee()) {
        let extendee = field.extendee().trim_start_matches('.');
        let message = format!("message {extendee} cannot be extended in proto3, where only options can be");
        rules.refuse(element, &[EXTENDEE], message);
    }
    let optional_message = field.label() == Label::Optional && field.r#type() == Type::Message;
    if rules.message_sets.contains(field.extendee()) && !optional_message {
        let message = format!("extension {} of a message set must be an optional message", field.name());
        rules.refuse(element, &[], message);
    }
    declarations::check_extension(rules, element, field);
    let ranges = rules.extension_ranges.get(field.extendee());
    if ranges.is_none_or(|ranges| ranges.containing(field.number()).is_none()) {
        let (extendee, number) = (field.extendee().trim_start_matches('.'), field.number());
        let message = format!("message '{extendee}' does not define '{number}' as an extension number");
        rules.refuse(element, &[NUMBER], message);
    }
    let is_default = field.json_name() == json_name(field.name());
    if !is_default && rules.is_written(&element.inside(&[JSON_NAME])) {
        rules.refuse(element, &[JSON_NAME], format!("extension {} cannot have a json_name", field.name()));
    }
}

/// Findings for extensions of one message that share a number, also across files. The later of two is at fault, in
/// the order of `linked`, unless only the earlier one is content.
pub(super) fn numbers_used_twice(linked: &[LinkedFile<'_>]) -> Vec<Diagnostic> {
    let mut taken: HashMap<(&str, i32), ExtensionSite<'_>> = HashMap::new();
    let mut findings = Vec::new();
    let found: Vec<_> = linked.par_iter().map(extensions_of).collect();
    for (extendee, number, place) in found.into_iter().flatten() {
        let Some(first) = taken.get(&(extendee, number)) else {
            taken.insert((extendee, number), place);
            continue;
        };
        let (fault, other) = if place.file.role == Role::Content { (&place, first) } else { (first, &place) };
        if fault.file.role == Role::Content && findings.len() < MAX_FINDINGS {
            findings.push(fault.finding(extendee, number, other));
        }
    }
    findings
}

/// The extensions that `file` declares: what each extends, and with which number.
fn extensions_of<'l>(file: &'l LinkedFile<'_>) -> Vec<(&'l str, i32, ExtensionSite<'l>)> {
    let mut found = Vec::new();
    elements(&file.proto, |element| {
        let Node::Field(field) = element.node else { return };
        let Some(extendee) = &field.extendee else { return };
        let place = ExtensionSite { file, path: element.inside(&[NUMBER]), name: element.name.to_owned() };
        found.push((extendee.as_str(), field.number(), place));
    });
    found
}

/// One extension.
struct ExtensionSite<'l> {
    file: &'l LinkedFile<'l>,
    path: Vec<i32>,
    name: String,
}

impl ExtensionSite<'_> {
    fn finding(&self, extendee: &str, number: i32, other: &ExtensionSite<'_>) -> Diagnostic {
        let message = format!(
            "extension {} uses number {number} of {}, which extension {} in {} has; choose another number",
            self.name,
            extendee.trim_start_matches('.'),
            other.name,
            other.file.proto.name()
        );
        findings::at_element(&self.file.proto, self.file.source, &self.path, message)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::compile_modules;
    use super::super::tests::{accepted, refused};
    use crate::compile::input::Role;

    const BASE: &str = "syntax = \"proto2\"; message M { extensions 100 to 200; } ";
    const OPTION: &str = "import \"google/protobuf/descriptor.proto\"; extend google.protobuf.FieldOptions ";

    #[test]
    fn extensions_that_protoc_refuses_are_refused() {
        refused(&[
            (
                &format!("{BASE}extend M {{ optional int32 a = 100; optional int32 b = 100; }}"),
                "1:111: extension b uses number 100 of M, which extension a in a.proto has",
            ),
            (
                "syntax = \"proto2\"; message M { option message_set_wire_format = true; extensions 4 to max; \
                 extend M { optional int32 a = 4; } }",
                "1:103: extension a of a message set must be",
            ),
            (
                &format!("{BASE}extend M {{ optional int32 a = 99; }}"),
                "1:87: message 'M' does not define '99' as an extension number",
            ),
            (&format!("{OPTION}{{ int32 a = 5000; int32 b = 5000; }}"), "2:"),
            (
                &format!("{BASE}extend M {{ optional int32 a = 100 [json_name = \"x\"]; }}"),
                "1:92: extension a cannot have a json_name",
            ),
        ]);
    }

    #[test]
    fn proto3_extends_only_options() {
        let content: &[_] = &[("a.proto", "syntax = \"proto3\"; import \"b.proto\"; extend M { int32 a = 100; }")];
        let text = compile_modules(&[
            ("acme/content", Role::Content, content),
            ("acme/base", Role::Dependency, &[("b.proto", BASE)]),
        ]);
        let text = text.unwrap_err().to_string();
        assert!(text.starts_with("a.proto:1:45: message M cannot be extended in proto3"), "{text}");
        accepted(&[&format!("{OPTION}{{ int32 a = 5000; optional string b = 5001; }}")]);
    }

    #[test]
    fn numbers_are_compared_across_modules() {
        let extend = |name: &str| format!("import \"m.proto\"; extend M {{ optional int32 {name} = 100; }}");
        let (first, second) = (extend("a"), extend("b"));
        let content: &[_] = &[("a.proto", first.as_str()), ("z.proto", "import \"b.proto\";")];
        let base: &[_] = &[("m.proto", BASE), ("b.proto", second.as_str())];
        let modules = [("acme/content", Role::Content, content), ("acme/base", Role::Dependency, base)];
        let text = compile_modules(&modules).unwrap_err().to_string();
        assert!(
            text.starts_with("a.proto:1:49: extension a uses number 100 of M, which extension b in b.proto has"),
            "{text}"
        );
    }
}
