//! Rules on messages as a whole.

use std::collections::{HashMap, HashSet};

use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::ranges::{Lookup, Ranges, show};
use super::rules::Rules;
use crate::compile::findings::OptionPart;
use crate::compile::names::references::json_name;
use crate::compile::visit::elements::Element;

const FIELD: i32 = 2;
const EXTENSION_RANGE: i32 = 5;
const OPTIONS: i32 = 7;
const MESSAGE_SET: i32 = 1;
const MAP_ENTRY: i32 = 7;
const RESERVED_RANGE: i32 = 9;
const RESERVED_NAME: i32 = 10;
const FIELD_NAME: i32 = 1;
const FIELD_NUMBER: i32 = 3;
const JSON_NAME: i32 = 10;

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, message: &DescriptorProto) {
    check_numbers(rules, element, message);
    let names = (0..).zip(message.field.iter().map(FieldDescriptorProto::name));
    let reserved = (RESERVED_NAME, &message.reserved_name[..]);
    rules.check_names(element, reserved, "field", names, (FIELD, FIELD_NAME));
    check_message_set(rules, element, message);
    let map_entry = message.options.as_ref().and_then(|options| options.map_entry);
    if map_entry.is_some() && rules.is_written(element.path) {
        let message = "map_entry cannot be set by hand; declare a field map<K, V>";
        rules.refuse_option(element, &[OPTIONS, MAP_ENTRY], OptionPart::First, message);
    }
}

fn check_numbers(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, message: &DescriptorProto) {
    // In descriptors of messages the end is not part of the range.
    let last = |end: i32| end.saturating_sub(1);
    let reserved: Vec<_> = message.reserved_range.iter().map(|range| (range.start(), last(range.end()))).collect();
    let extensions: Vec<_> = message.extension_range.iter().map(|range| (range.start(), last(range.end()))).collect();
    rules.check_ranges(element, &Ranges { kind: "reserved", tag: RESERVED_RANGE, ranges: &reserved });
    rules.check_ranges(element, &Ranges { kind: "extension", tag: EXTENSION_RANGE, ranges: &extensions });
    let reserved = Lookup::new(&reserved);
    for (index, range) in (0..).zip(&extensions) {
        if let Some(other) = reserved.meeting(*range) {
            let message = format!("extension range {} overlaps reserved range {}", show(*range), show(other));
            rules.refuse(element, &[EXTENSION_RANGE, index], message);
        }
    }
    check_fields(rules, element, message, [&reserved, &Lookup::new(&extensions)]);
    if rules.is_proto3() && !message.extension_range.is_empty() {
        let message = "extension ranges are not allowed in proto3; use google.protobuf.Any, or proto2 for this file";
        rules.refuse(element, &[EXTENSION_RANGE, 0], message);
    }
}

/// Numbers and JSON names must differ, and no number may be set aside.
fn check_fields(
    rules: &mut Rules<'_, '_>,
    element: &Element<'_, '_>,
    message: &DescriptorProto,
    [reserved, extensions]: [&Lookup; 2],
) {
    let (mut numbers, mut json_names, mut default_names) = (HashSet::new(), HashMap::new(), HashSet::new());
    let legacy = rules.is_legacy_json(element.path);
    for (index, field) in (0..).zip(&message.field) {
        let number = field.number();
        if !numbers.insert(number) {
            let message = format!("field number '{number}' is already used");
            rules.refuse(element, &[FIELD, index, FIELD_NUMBER], message);
        }
        for (kind, ranges) in [("reserved", reserved), ("extension", extensions)] {
            if let Some(range) = ranges.containing(number) {
                let message = format!("field number '{number}' conflicts with {kind} range '{}'", show(range));
                rules.refuse(element, &[FIELD, index, FIELD_NUMBER], message);
            }
        }
        // Names that nobody chose may meet where JSON came later than the file.
        let is_written = rules.is_written(&element.inside(&[FIELD, index, JSON_NAME]));
        let chosen = !legacy || is_written;
        let default_name = json_name(field.name());
        let other = json_names.insert(field.json_name(), chosen);
        if other.is_some_and(|other| other || chosen) {
            let message = format!("a field with JSON name '{}' is already defined", field.json_name());
            if is_written {
                rules.refuse_value(element, &[FIELD, index, JSON_NAME], message);
            } else {
                rules.refuse(element, &[FIELD, index, FIELD_NAME], message);
            }
        } else if !legacy && default_names.contains(&default_name) {
            let name = &default_name;
            let message =
                format!("a field with the default JSON name '{name}' is already defined; a `json_name` does not help");
            rules.refuse(element, &[FIELD, index, FIELD_NAME], message);
        }
        default_names.insert(default_name);
    }
}

/// A message set is nothing but its extensions.
fn check_message_set(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, message: &DescriptorProto) {
    if !message.options.as_ref().is_some_and(|options| options.message_set_wire_format()) {
        return;
    }
    if rules.is_proto3() {
        let text = "message sets are not allowed in proto3";
        rules.refuse_option(element, &[OPTIONS, MESSAGE_SET], OptionPart::First, text);
    } else if !message.field.is_empty() {
        let text = format!("message set {} cannot have fields, only extensions", message.name());
        rules.refuse(element, &[FIELD, 0], text);
    } else if message.extension_range.is_empty() {
        let text = format!("message set {} has no extension ranges, so it could never hold anything", message.name());
        rules.refuse_option(element, &[OPTIONS, MESSAGE_SET], OptionPart::First, text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepted, refused};

    #[test]
    fn messages_that_protoc_refuses_are_refused() {
        refused(&[
            ("message M { int32 a = 1; int32 b = 1; }", "2:36: field number '1' is already used"),
            (
                "message M { reserved 1 to 3; int32 a = 2; }",
                "2:40: field number '2' conflicts with reserved range '1 to 3'",
            ),
            (
                "syntax = \"proto2\"; message M { extensions 5; optional int32 a = 5; }",
                "1:65: field number '5' conflicts with extension range '5'",
            ),
            (
                "message M { int32 a = 1 [json_name = \"b\"]; int32 b = 2; }",
                "2:50: a field with JSON name 'b' is already",
            ),
            (
                "syntax = \"proto3\"; message M { int32 aB = 1; int32 a_b = 2 [json_name = \"x\"]; }",
                "1:52: a field with the default JSON name 'aB' is already defined",
            ),
            (
                "syntax = \"proto2\"; message M { optional int32 a_b = 1; optional int32 c = 2 [json_name = \"aB\"]; }",
                "1:90: a field with JSON name 'aB' is already",
            ),
            ("message M { reserved \"a\"; int32 a = 1; }", "2:33: field a has a reserved name"),
            ("message M { reserved \"a\", \"a\"; }", "2:22: name \"a\" is reserved twice"),
            ("message M { reserved 1 to 5, 3; }", "2:30: reserved range 3 overlaps reserved range 1 to 5"),
            ("message M { reserved 5 to 3; }", "2:22: reserved range 5 to 3 ends before it starts"),
            ("message M { extensions 5; }", "2:24: extension ranges are not allowed in proto3"),
            (
                "syntax = \"proto2\"; message M { extensions 5 to 9, 7; }",
                "1:51: extension range 7 overlaps extension range 5 to 9",
            ),
            (
                "syntax = \"proto2\"; message M { extensions 9 to 5; }",
                "1:43: extension range 9 to 5 ends before it starts",
            ),
            (
                "syntax = \"proto2\"; message M { reserved 6; extensions 5 to 9; }",
                "1:55: extension range 5 to 9 overlaps reserved range 6",
            ),
            (
                "syntax = \"proto2\"; message M { option message_set_wire_format = true; extensions 4 to max; \
                 optional int32 a = 1; }",
                "1:92: message set M cannot have fields",
            ),
            ("message M { option message_set_wire_format = true; }", "2:20: message sets are not allowed in proto3"),
            (
                "syntax = \"proto2\"; message M { option message_set_wire_format = true; }",
                "1:39: message set M has no extension ranges",
            ),
            ("message M { option map_entry = true; }", "2:20: map_entry cannot be set by hand"),
            ("message M { option map_entry = false; }", "2:20: map_entry cannot be set by hand"),
        ]);
    }

    #[test]
    fn messages_that_protoc_accepts_are_accepted() {
        accepted(&[
            "syntax = \"proto2\"; message M { optional int32 a_b = 1; optional int32 aB = 2; }",
            "message M { reserved 1, 2 to 4, 9 to max; reserved \"b\"; map<string, int32> a = 5; }",
            "syntax = \"proto2\"; message M { reserved 1; extensions 5 to 9, 10, 100 to max; }",
            "syntax = \"proto2\"; message M { option message_set_wire_format = true; extensions 4 to max; }",
        ]);
    }
}
