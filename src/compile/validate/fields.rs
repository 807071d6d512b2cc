//! Rules on fields and extensions, one at a time.

use prost_types::FieldDescriptorProto;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::field_options::CType;

use super::extensions;
use super::rules::{EnumFacts, Rules};
use crate::compile::source::parser::{KEPT, map_entry_name};
use crate::compile::visit::elements::Element;
use crate::model::LARGEST_FIELD_NUMBER;

const NUMBER: i32 = 3;
const TYPE: i32 = 5;
const TYPE_NAME: i32 = 6;
const DEFAULT_VALUE: i32 = 7;

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    check_number(rules, element, field);
    check_options(rules, element, field);
    check_entry_type(rules, element, field);
    let facts = rules.enums.get(field.type_name());
    check_default(rules, element, field, facts);
    if let Some(facts) = facts {
        check_enum(rules, element, field, facts);
    }
    if field.extendee.is_some() {
        extensions::check(rules, element, field);
    }
}

/// The parser keeps numbers of fields between 1 and the largest; only extensions of message sets may go beyond it.
fn check_number(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    let number = field.number();
    if number > LARGEST_FIELD_NUMBER && !rules.message_sets.contains(field.extendee()) {
        rules.refuse(element, &[NUMBER], format!("message numbers must be between 1 and {LARGEST_FIELD_NUMBER}"));
    }
    if KEPT.contains(&number) {
        let (first, last) = (KEPT.start(), KEPT.end());
        let message = format!("invalid field number '{number}'; field numbers {first} to {last} are reserved");
        rules.refuse(element, &[NUMBER], message);
    }
}

/// A default must be a value of the field's type.
fn check_default(
    rules: &mut Rules<'_, '_>,
    element: &Element<'_, '_>,
    field: &FieldDescriptorProto,
    facts: Option<&EnumFacts<'_>>,
) {
    let Some(text) = field.default_value.as_deref() else { return };
    let fits = match field.r#type() {
        Type::Double => text.parse::<f64>().is_ok(),
        Type::Float => text.parse::<f32>().is_ok(),
        Type::Int32 | Type::Sint32 | Type::Sfixed32 => text.parse::<i32>().is_ok(),
        Type::Int64 | Type::Sint64 | Type::Sfixed64 => text.parse::<i64>().is_ok(),
        Type::Uint32 | Type::Fixed32 => text.parse::<u32>().is_ok(),
        Type::Uint64 | Type::Fixed64 => text.parse::<u64>().is_ok(),
        Type::Bool => text.parse::<bool>().is_ok(),
        // The parser writes what it has read, escapes included.
        Type::String | Type::Bytes => true,
        // `buf` takes a number too, also one that the enum does not name.
        Type::Enum => facts.is_some_and(|facts| facts.has_value(text) || text.parse::<i32>().is_ok()),
        Type::Message | Type::Group => false,
    };
    if !fits {
        let name = format!("{:?}", field.r#type()).to_lowercase();
        let kind = if field.type_name().is_empty() { &name } else { field.type_name().trim_start_matches('.') };
        rules.refuse_value(element, &[DEFAULT_VALUE], format!("invalid default value '{text}' for type '{kind}'"));
    }
}

fn check_options(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    let Some(options) = &field.options else { return };
    let name = field.name();
    let is_unverified_lazy = rules.file.facts.is_unverified_lazy(element.path);
    // In an edition it is no option at all.
    if options.packed() && !is_packable(field) && rules.file.edition.is_none() {
        let message = format!("field {name} cannot be packed: only repeated numbers, bools and enums can");
        let part = if field.label() == Label::Repeated { &[type_tag(field)][..] } else { &[] };
        rules.refuse(element, part, message);
    }
    if options.lazy() || is_unverified_lazy {
        check_lazy(rules, element, field);
    }
    if options.jstype.is_some() && !is_64_bits(field) {
        let message = format!("field {name} cannot have a jstype: only 64-bit integers can");
        rules.refuse(element, &[type_tag(field)], message);
    }
    // Before editions it is let be, whatever the type.
    if options.ctype.is_some() && rules.file.edition.is_some() {
        if !matches!(field.r#type(), Type::String | Type::Bytes) {
            let message = format!("field {name} cannot have a ctype: only text can");
            rules.refuse(element, &[type_tag(field)], message);
        } else if field.extendee.is_some() && options.ctype() == CType::Cord {
            rules.refuse(element, &[type_tag(field)], format!("extension {name} cannot have ctype CORD"));
        }
    }
}

fn check_lazy(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    let name = field.name();
    if field.r#type() == Type::Group || rules.is_delimited(element.path) && field.r#type() == Type::Message {
        let message = format!("field {name} cannot be lazy: only messages with a length before them can");
        rules.refuse(element, &[], message);
    } else if field.r#type() != Type::Message {
        let message = format!("field {name} cannot be lazy: only fields of message type can");
        rules.refuse(element, &[type_tag(field)], message);
    }
}

/// Map entries are types of their own only for the field that declares the map.
fn check_entry_type(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    if !rules.entry_types.contains(field.type_name()) {
        return;
    }
    let scope = element.name.rsplit_once('.').map_or("", |(scope, _)| scope);
    let own = field.type_name().strip_prefix('.').and_then(|name| name.strip_prefix(scope)?.strip_prefix('.'));
    let is_map = field.label() == Label::Repeated && own == Some(&map_entry_name(field.name()));
    if !is_map {
        let name = field.type_name().trim_start_matches('.');
        rules.refuse(element, &[TYPE_NAME], format!("{name} is the entry of a map, which no other field can hold"));
    }
}

/// The part of `field` that names its type.
fn type_tag(field: &FieldDescriptorProto) -> i32 {
    if field.type_name.is_some() { TYPE_NAME } else { TYPE }
}

fn is_packable(field: &FieldDescriptorProto) -> bool {
    let unpackable = matches!(field.r#type(), Type::String | Type::Bytes | Type::Message | Type::Group);
    field.label() == Label::Repeated && !unpackable
}

fn is_64_bits(field: &FieldDescriptorProto) -> bool {
    matches!(field.r#type(), Type::Int64 | Type::Uint64 | Type::Sint64 | Type::Fixed64 | Type::Sfixed64)
}

fn check_enum(
    rules: &mut Rules<'_, '_>,
    element: &Element<'_, '_>,
    field: &FieldDescriptorProto,
    facts: &EnumFacts<'_>,
) {
    let name = field.type_name().trim_start_matches('.');
    let is_map_value = is_map_value(rules, element, field);
    let is_implicit = rules.is_implicit(element.path, field) || is_implicit_extension(rules, element, field);
    if is_implicit && facts.closed && !is_map_value {
        let message = format!("closed enum {name} cannot be used by a field without presence; declare it in proto3");
        rules.refuse(element, &[TYPE_NAME], message);
    } else if rules.is_proto3() && facts.closed {
        let message = format!("proto2 enum {name} cannot be used in proto3; declare it in a proto3 file");
        rules.refuse(element, &[TYPE_NAME], message);
    }
}

/// Whether this is an extension that would have no presence if it were a field. `buf` judges its enum as if it were one.
fn is_implicit_extension(rules: &Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) -> bool {
    field.extendee.is_some() && field.label() != Label::Repeated && rules.inherits_implicit(element.path)
}

/// Whether this is the value of a map entry: only those have no place of their own.
fn is_map_value(rules: &Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) -> bool {
    field.name() == "value" && field.number() == 2 && !rules.is_written(element.path)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::refusal;
    use super::super::tests::{accepted, refused};

    #[test]
    fn fields_that_protoc_refuses_are_refused() {
        refused(&[
            ("message M { int32 a = 19000; }", "2:23: invalid field number '19000'; field numbers 19000 to 19999"),
            (
                "syntax = \"proto2\"; enum E { A = 0; } message M { optional E a = 1 [default = B]; }",
                "1:78: invalid default value 'B' for type 'E'",
            ),
            (
                "syntax = \"proto2\"; message M { optional M a = 1 [default = 1]; }",
                "1:60: invalid default value '1' for type 'M'",
            ),
            ("message M { string a = 1 [jstype = JS_STRING]; }", "2:13: field a cannot have a jstype"),
            ("message M { int32 a = 1 [lazy = true]; }", "2:13: field a cannot be lazy"),
            ("message M { repeated string a = 1 [packed = true]; }", "2:22: field a cannot be packed"),
            ("message M { int32 a = 1 [packed = true]; }", "2:13: field a cannot be packed"),
        ]);
    }

    #[test]
    fn a_closed_enum_is_refused_in_proto3() {
        let open = "syntax = \"proto3\"; import \"b.proto\"; message M { E a = 1; }";
        let text = refusal(&[("a.proto", open), ("b.proto", "enum E { A = 0; }")]);
        assert!(text.starts_with("a.proto:1:50: proto2 enum E cannot be used in proto3"), "{text}");
        assert_eq!(refusal(&[("a.proto", open), ("b.proto", "syntax = \"proto3\"; enum E { A = 0; }")]), "");
    }

    #[test]
    fn fields_that_protoc_accepts_are_accepted() {
        accepted(&[
            "message M { int64 a = 1 [jstype = JS_STRING, json_name = \"[b]\"]; string b = 2 [ctype = CORD]; int32 c = 3 [ctype = CORD]; }",
            "message M { M a = 1 [lazy = true]; int32 b = 2 [lazy = false, packed = false]; }",
            "enum E { A = 0; } message M { repeated E a = 1 [packed = true]; map<int32, E> b = 2; }",
            "syntax = \"proto2\"; enum E { A = 1; } message M { optional E value = 2; map<int32, E> map = 3; }",
        ]);
    }
}
