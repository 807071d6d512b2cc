//! Why there is no schema.

use prost::DecodeError;

use crate::publish::DescriptorsError;

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A symbol is no full name.
    #[error("{0:?} is not the full name of a declaration; write it without a dot in front, like acme.pets.v1.Pet")]
    Malformed(String),
    /// Nothing has that name.
    #[error(
        "neither this module nor what it imports declares {0}; \
         name a package, message, enum, service, method or extension"
    )]
    Unknown(String),
    /// The commit has no descriptors.
    #[error(transparent)]
    Descriptors(#[from] DescriptorsError),
    /// A compiled file cannot be read back.
    #[error("a compiled file cannot be read: {0}")]
    Encoding(#[from] DecodeError),
}
