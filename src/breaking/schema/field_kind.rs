//! The type of a field as it is encoded, and which types read each other's values.

use super::Type;
use super::element::FieldElement;
use super::features::DELIMITED;
use super::index::Index;

/// The type, where a message without a length in front is a group.
pub(in crate::breaking) fn kind(index: &Index<'_>, field: &FieldElement<'_>) -> Type {
    let delimited =
        || field.at.features.message_encoding == DELIMITED && !field.is_in_map_entry() && !index.is_map(field);
    match field.at.declared.r#type() {
        Type::Message if delimited() => Type::Group,
        kind => kind,
    }
}

/// Types that read each other's bytes, beside those that go from `string` to `bytes`.
///
/// Source: <https://protobuf.dev/programming-guides/proto3/#updating>; enums are apart from integers, as in `buf`.
pub(in crate::breaking) fn same_on_the_wire(old: Type, new: Type) -> bool {
    let group = |kind| match kind {
        Type::Int32 | Type::Int64 | Type::Uint32 | Type::Uint64 | Type::Bool => Some(1),
        Type::Sint32 | Type::Sint64 => Some(2),
        Type::Fixed32 | Type::Sfixed32 => Some(3),
        Type::Fixed64 | Type::Sfixed64 => Some(4),
        _ => None,
    };
    old == new || (group(old).is_some() && group(old) == group(new)) || (old, new) == (Type::String, Type::Bytes)
}

/// Types that read each other's bytes and JSON.
///
/// Source: <https://protobuf.dev/programming-guides/json/>: integers of 64 bits are texts there.
pub(in crate::breaking) fn same_on_the_wire_and_in_json(old: Type, new: Type) -> bool {
    let group = |kind| match kind {
        Type::Int32 | Type::Uint32 => Some(1),
        Type::Int64 | Type::Uint64 => Some(2),
        Type::Fixed32 | Type::Sfixed32 => Some(3),
        Type::Fixed64 | Type::Sfixed64 => Some(4),
        _ => None,
    };
    old == new || (group(old).is_some() && group(old) == group(new))
}
