//! The Rust names and types that the generators make of declarations: paths, fields, variants, and the types of fields.

mod accessors;
mod field_types;
pub(in crate::generate) mod identifiers;
pub(super) mod namesakes;
mod numbered_names;
mod paths;
mod recursive_types;

pub(crate) use field_types::{Declaration, Declarations, FieldTypes, Message};
pub use numbered_names::numbered_names;
pub(crate) use paths::{Around, RustPath, RustPaths, message_plugin};
pub(crate) use recursive_types::RecursiveTypes;
