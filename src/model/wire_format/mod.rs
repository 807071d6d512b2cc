//! Encoded Protobuf messages, read and changed field by field, without a decoder that could lose unknown fields.

mod fields;
mod splice;

pub(crate) use fields::{Field, Fields, MAX_DEPTH, last_text, name, without_fields};
pub(crate) use splice::{Splice, SpliceKind, splice};
