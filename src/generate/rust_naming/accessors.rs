//! The functions that prost's derive gives a message for its fields: `kind`, `set_kind` and the like. They share one space
//! of names, so the field `set_kind` may be in the way of the field `kind`.

use std::collections::HashSet;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use crate::model::{is_map_entry, map_entry, written_oneof};

/// The first number from 2 on that makes a name free.
const FIRST: u32 = 2;

/// What stands before the name of a field in the names of its functions.
const BEFORE: [&str; 4] = ["set_", "push_", "get_", "insert_"];

/// Whether a look at the functions is worth it: few messages have a field whose name begins so, or maps of enums.
pub(super) fn may_clash(message: &DescriptorProto) -> bool {
    let begins = |name: &str, with: &&str| {
        let with = with.trim_end_matches('_');
        name.trim_start_matches('_').get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let mut entries = message.nested_type.iter().filter(|nested| is_map_entry(nested));
    entries.any(|entry| entry.field.iter().any(|value| value.r#type() == Type::Enum))
        || message.field.iter().any(|field| BEFORE.iter().any(|before| begins(field.name(), before)))
}

/// The fields of `message`, which stands in `file`, that need a number for the sake of their functions: each with its number. `fields` have their
/// names in Rust; `used` are all names of fields.
pub(super) fn numbered<'a>(
    file: &FileDescriptorProto,
    message: &DescriptorProto,
    fields: &[(&'a FieldDescriptorProto, String)],
    used: &HashSet<String>,
) -> Vec<(&'a FieldDescriptorProto, u32)> {
    let (mut taken, mut found) = (HashSet::new(), Vec::new());
    for (field, name) in fields {
        let is_free = |name: &str| functions(file, message, field, name).is_some_and(|of| of.is_disjoint(&taken));
        let name = match is_free(name) {
            true => name.clone(),
            false => {
                let numbers = FIRST..=FIRST + u32::try_from(fields.len()).unwrap_or(u32::MAX / 2);
                let with = |number: &u32| format!("{}_{number}", name.trim_start_matches("r#"));
                let is_good = |number: &u32| is_free(&with(number)) && !used.contains(&with(number));
                let Some(number) = numbers.into_iter().find(is_good) else { continue };
                found.push((*field, number));
                with(&number)
            }
        };
        taken.extend(functions(file, message, field, &name).into_iter().flatten());
    }
    found
}

/// The functions of the field `name`; nothing where the derive breaks down at the name.
fn functions(
    file: &FileDescriptorProto,
    message: &DescriptorProto,
    field: &FieldDescriptorProto,
    name: &str,
) -> Option<HashSet<String>> {
    let is_enum = |field: &FieldDescriptorProto| field.r#type() == Type::Enum;
    if let Some(entry) = map_entry(message, field) {
        if !entry.field.iter().any(|value| value.number() == 2 && is_enum(value)) {
            return Some(HashSet::new());
        }
        // It puts a word before the name as it is written.
        return (!name.starts_with("r#")).then(|| HashSet::from([format!("get_{name}"), format!("insert_{name}")]));
    }
    let name = name.trim_start_matches("r#");
    // Whether a value is told from none. Files with an edition may say otherwise of a field, which few do.
    let is_optional = field.label() == Label::Optional && (file.syntax() != "proto3" || field.proto3_optional());
    Some(match (field.r#type(), field.label()) {
        (Type::Message | Type::Group, _) => HashSet::new(),
        _ if written_oneof(field).is_some() => HashSet::new(),
        (Type::Enum, Label::Repeated) => HashSet::from([name.to_owned(), format!("push_{name}")]),
        (Type::Enum, _) => HashSet::from([name.to_owned(), format!("set_{name}")]),
        _ if is_optional => HashSet::from([name.to_owned()]),
        _ => HashSet::new(),
    })
}
