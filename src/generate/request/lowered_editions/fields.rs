//! Fields of a message with an edition, as proto3 would declare them. Where proto3 has no word for it, prost takes the
//! one of proto2, whatever the syntax of the file: prost-build 0.12 to 0.14 and pbjson-build 0.8 look at the syntax only
//! for a field without a label of its own.

use std::collections::HashSet;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FieldOptions};

use super::features::{Features, MessageEncoding, Presence, RepeatedEncoding, WrittenMessage};
use crate::model::is_map_entry;

/// Rewrites the fields of `message`, and of the messages in it. `written` is the same message; `scope` is the name of
/// what is around it, with a dot in front, and `around` are the features there.
pub(super) fn lower(message: &mut DescriptorProto, written: &WrittenMessage, scope: &str, around: Features) {
    let features = around.with(written.features());
    let full_name = format!("{scope}.{}", message.name());
    let entries = message.nested_type.iter().filter(|nested| is_map_entry(nested));
    let entries: HashSet<String> = entries.map(|entry| format!("{full_name}.{}", entry.name())).collect();
    for (field, own) in message.field.iter_mut().zip(&written.fields) {
        // Maps are encoded alike in every file.
        if entries.contains(field.type_name()) {
            continue;
        }
        let oneof = field.oneof_index.and_then(|index| written.oneofs.get(usize::try_from(index).ok()?));
        let features = features.with(oneof.and_then(|oneof| oneof.features()));
        lower_field(field, features.with(own.features()));
    }
    for (nested, own) in message.nested_type.iter_mut().zip(&written.nested) {
        if !is_map_entry(nested) {
            lower(nested, own, &full_name, features);
        }
    }
}

fn lower_field(field: &mut FieldDescriptorProto, features: Features) {
    if field.r#type() == Type::Message && features.message_encoding() == MessageEncoding::Delimited {
        field.set_type(Type::Group);
    }
    if field.label() == Label::Repeated {
        lower_repeated(field, features.repeated_field_encoding());
    } else if field.oneof_index.is_none() {
        lower_singular(field, features.field_presence());
    }
}

/// Says how the values are encoded: without a word, prost packs them only if the field has no options at all.
fn lower_repeated(field: &mut FieldDescriptorProto, encoding: RepeatedEncoding) {
    if !matches!(field.r#type(), Type::String | Type::Bytes | Type::Message | Type::Group) {
        let options = field.options.get_or_insert_with(FieldOptions::default);
        options.packed = Some(encoding == RepeatedEncoding::Packed);
    }
}

/// Says whether the field has presence. prost needs no oneof around an optional field, and takes a group for optional
/// only if it is told so.
fn lower_singular(field: &mut FieldDescriptorProto, presence: Presence) {
    let is_message = matches!(field.r#type(), Type::Message | Type::Group);
    match presence {
        Presence::LegacyRequired => field.set_label(Label::Required),
        Presence::Implicit if !is_message => {}
        Presence::Explicit | Presence::Implicit => field.proto3_optional = Some(true),
    }
}
