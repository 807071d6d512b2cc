//! Delimited fields that need a box. A message that holds itself has no size in Rust without one. prost puts one where
//! it sees a circle of messages, and does not look through groups, so it misses a circle with two of them.

use std::iter::once;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};

use crate::generate::error::GenerateError;
use crate::generate::rust_naming::RecursiveTypes;
use crate::model::{DeclaredKind, DescriptorFile, Family, declared_types, written_oneof};

/// prost's option for a box around a field.
pub(super) const OPTION: &str = "boxed";

/// A delimited field that closes a circle of messages without a box.
#[derive(Debug)]
pub(super) struct OpenCircle {
    file: String,
    /// Full name of the message, with a dot in front.
    message: String,
    oneof: Option<String>,
    field: String,
}

impl OpenCircle {
    /// The option that puts the field into a box.
    pub(super) fn option(&self) -> String {
        let path = [Some(&self.message), self.oneof.as_ref(), Some(&self.field)];
        let path: Vec<&str> = path.into_iter().flatten().map(String::as_str).collect();
        format!("{OPTION}={}", path.join("."))
    }

    /// The refusal for a plugin without the option.
    pub(super) fn refused(&self) -> GenerateError {
        GenerateError::Delimited {
            file: self.file.clone(),
            message: self.message[1..].to_owned(),
            field: self.field.clone(),
        }
    }
}

/// The fields of `file` that need a box and get none. A circle never leaves its file, because imports go one way.
pub(super) fn open_circles(file: &DescriptorFile) -> Vec<OpenCircle> {
    let messages = messages(file);
    if !messages.iter().any(|(_, message)| message.field.iter().any(is_group)) {
        return vec![];
    }
    let seen_by_prost = RecursiveTypes::of_files(Family::Prost, once(file));
    let held = held_without_box(&seen_by_prost, &messages);
    let mut found = Vec::new();
    for (name, message) in &messages {
        for field in message.field.iter().filter(|field| is_group(field)) {
            let has_box = seen_by_prost.holds(field.type_name(), name);
            if !has_box && held.holds(field.type_name(), name) {
                found.push(OpenCircle {
                    file: file.proto.name().into(),
                    message: name.clone(),
                    oneof: written_oneof(field).and_then(|at| Some(message.oneof_decl.get(at)?.name().to_owned())),
                    field: field.name().into(),
                });
            }
        }
    }
    found
}

/// The messages of `file` by their full names.
fn messages(file: &DescriptorFile) -> Vec<(String, &DescriptorProto)> {
    let found = declared_types(&file.proto).into_iter().filter_map(|declared| {
        let DeclaredKind::Message(message) = declared.kind else { return None };
        Some((declared.full_name(file.proto.package()), message))
    });
    found.collect()
}

fn is_group(field: &FieldDescriptorProto) -> bool {
    field.r#type() == Type::Group && field.label() != Label::Repeated
}

/// What each message holds without a box or a list in between.
fn held_without_box<'a>(
    seen_by_prost: &RecursiveTypes<'_>,
    messages: &'a [(String, &'a DescriptorProto)],
) -> RecursiveTypes<'a> {
    let held = |(name, message): &'a (String, &'a DescriptorProto)| {
        let inside = message.field.iter().filter(|field| field.label() != Label::Repeated);
        let types = inside.map(FieldDescriptorProto::type_name).filter(|held| !held.is_empty());
        (name.clone(), types.filter(|held| !seen_by_prost.holds(held, name)).collect())
    };
    RecursiveTypes::new(messages.iter().map(held).collect())
}
