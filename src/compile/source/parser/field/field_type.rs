//! The types that the language itself has.

use prost_types::field_descriptor_proto::Type;

/// The scalar type that is called `name`.
pub(super) fn scalar(name: &str) -> Option<Type> {
    Some(match name {
        "double" => Type::Double,
        "float" => Type::Float,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "uint32" => Type::Uint32,
        "uint64" => Type::Uint64,
        "sint32" => Type::Sint32,
        "sint64" => Type::Sint64,
        "fixed32" => Type::Fixed32,
        "fixed64" => Type::Fixed64,
        "sfixed32" => Type::Sfixed32,
        "sfixed64" => Type::Sfixed64,
        "bool" => Type::Bool,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        _ => return None,
    })
}

/// Whether keys of maps may have this type.
pub(super) fn is_key(scalar: Option<Type>) -> bool {
    scalar.is_some_and(|scalar| !matches!(scalar, Type::Double | Type::Float | Type::Bytes))
}
