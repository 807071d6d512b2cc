//! Map fields and fields of oneofs.

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::declared_types::is_map_entry;

/// The largest number of a field.
pub const LARGEST_FIELD_NUMBER: i32 = 536_870_911;

/// The oneof of `field`, as an index into the message's oneofs. An `optional` field of proto3 is in a oneof that nobody
/// wrote, which does not count.
#[must_use]
pub fn written_oneof(field: &FieldDescriptorProto) -> Option<usize> {
    field.oneof_index.filter(|_| !field.proto3_optional()).and_then(|at| usize::try_from(at).ok())
}

/// The entry message of `field`, if it is a map field of `message`.
#[must_use]
pub fn map_entry<'a>(message: &'a DescriptorProto, field: &FieldDescriptorProto) -> Option<&'a DescriptorProto> {
    let name = field.type_name().rsplit('.').next()?;
    message.nested_type.iter().find(|nested| is_map_entry(nested) && nested.name() == name)
}

/// The keyword of a type in sources.
#[must_use]
pub fn type_word(kind: Type) -> &'static str {
    match kind {
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Group => "group",
        Type::Message => "message",
        Type::Bytes => "bytes",
        Type::Uint32 => "uint32",
        Type::Enum => "enum",
        Type::Sfixed32 => "sfixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sint32 => "sint32",
        Type::Sint64 => "sint64",
    }
}
