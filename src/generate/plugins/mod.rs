//! The embedded plugins: one function each, from a request to files. None of them opens a file: the request is all that
//! they see.

pub(super) mod buffa;
pub(super) mod neoeinstein;
pub(super) mod prost_0_4;
pub(super) mod prost_crate;
pub(super) mod prost_json;
pub(super) mod protovalidate;
pub(super) mod tonic_0_4_0;
