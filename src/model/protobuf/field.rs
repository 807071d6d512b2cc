//! Map fields and fields of oneofs.

use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::declared_types::is_map_entry;

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
