//! The Rust names and types that the generators make of declarations: paths, fields, variants, and the types of fields.

mod field_types;
pub(in crate::generate) mod identifiers;
pub(super) mod namesakes;
mod paths;
mod recursive_types;

pub(crate) use field_types::{Declaration, Declarations, FieldTypes, Message};
pub(crate) use paths::{Around, RustPath, RustPaths, message_plugin};
pub(crate) use recursive_types::RecursiveTypes;
