//! Protobuf's own options and statements, in the syntax of sources: `packed = false`, `reserved 4, 8 to 11`. Options
//! with a mark of their own on the page, for example `deprecated`, are left out.

use prost_types::field_options::{CType, JsType};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto};

use super::custom_options::cut;

/// The number after the highest field number.
const FIELD_END: i32 = 536_870_912;

/// The options of a field.
pub(super) fn of_field(field: &FieldDescriptorProto) -> Vec<String> {
    let mut said = vec![];
    if field.json_name.as_deref().is_some_and(|name| name != json_name(field.name())) {
        said.push(cut(&format!("json_name = {:?}", field.json_name())));
    }
    let Some(options) = &field.options else { return said };
    said.extend(options.packed.map(|packed| format!("packed = {packed}")));
    if options.jstype.is_some() && options.jstype() != JsType::JsNormal {
        said.push(format!("jstype = {}", options.jstype().as_str_name()));
    }
    if options.ctype.is_some() && options.ctype() != CType::String {
        said.push(format!("ctype = {}", options.ctype().as_str_name()));
    }
    if options.lazy() {
        said.push("lazy = true".into());
    }
    said
}

/// The options of a message, and its reserved numbers and names.
pub(super) fn of_message(message: &DescriptorProto) -> Vec<String> {
    let mut said = vec![];
    if message.options.as_ref().is_some_and(|options| options.message_set_wire_format()) {
        said.push("message_set_wire_format = true".into());
    }
    let ranges = message.reserved_range.iter().map(|range| numbers(range.start(), range.end() - 1, FIELD_END - 1));
    said.extend(list("reserved", ranges));
    said.extend(list("reserved", message.reserved_name.iter().map(|name| format!("{name:?}"))));
    let ranges = message.extension_range.iter().map(|range| numbers(range.start(), range.end() - 1, FIELD_END - 1));
    said.extend(list("extensions", ranges));
    said
}

/// The options of an enum, and its reserved numbers and names.
pub(super) fn of_enum(declared: &EnumDescriptorProto) -> Vec<String> {
    let mut said = vec![];
    if declared.options.as_ref().is_some_and(|options| options.allow_alias()) {
        said.push("allow_alias = true".into());
    }
    let ranges = declared.reserved_range.iter().map(|range| numbers(range.start(), range.end(), i32::MAX));
    said.extend(list("reserved", ranges));
    said.extend(list("reserved", declared.reserved_name.iter().map(|name| format!("{name:?}"))));
    said
}

fn list(word: &str, parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| cut(&format!("{word} {}", parts.join(", "))))
}

/// An inclusive range in the syntax of sources.
fn numbers(first: i32, last: i32, highest: i32) -> String {
    match last {
        _ if first == last => first.to_string(),
        _ if last == highest => format!("{first} to max"),
        _ => format!("{first} to {last}"),
    }
}

/// The default JSON name of a field: `userName` for `user_name`
/// (<https://protobuf.dev/programming-guides/json/#field-names>).
fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut begins = false;
    for letter in name.chars() {
        match letter {
            '_' => begins = true,
            _ if begins => {
                json.push(letter.to_ascii_uppercase());
                begins = false;
            }
            _ => json.push(letter),
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn options_and_reservations_are_shown_as_they_are_written() {
        let source = r#"syntax = "proto2"; package p;
            message M { repeated int32 a_b = 1 [packed = true]; optional int64 c = 2 [jstype = JS_STRING, json_name = "see"];
              optional string _plain = 3; reserved 4, 8 to 11, 500 to max; reserved "old"; extensions 100 to 199; }
            enum E { option allow_alias = true; reserved -1, 5 to max; A = 0; B = 0; }"#;
        let set = set(&[("acme/app", "p.proto", source)]);
        let app = module("acme/app");
        let file = &set.of_module(&app).next().unwrap().proto;
        let message = &file.message_type[0];
        let of_fields: Vec<_> = message.field.iter().map(of_field).collect();
        assert_eq!(of_fields[0], ["packed = true"]);
        assert_eq!(of_fields[1], [r#"json_name = "see""#, "jstype = JS_STRING"]);
        assert_eq!(of_fields[2], [""; 0]);
        assert_eq!(
            of_message(message),
            ["reserved 4, 8 to 11, 500 to max", r#"reserved "old""#, "extensions 100 to 199"]
        );
        assert_eq!(of_enum(&file.enum_type[0]), ["allow_alias = true", "reserved -1, 5 to max"]);
    }
}
