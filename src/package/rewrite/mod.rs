//! Changes to generated text, where a plugin makes code that does not compile or compiles slowly.

pub(super) mod descriptor_bytes;
pub(super) mod oneof_names;
pub(super) mod tonic_connect_method;
