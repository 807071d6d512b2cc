//! A directory or an upload becomes one checked snapshot; digests of modules.

mod digest;

pub use digest::{files_digest, module_digest};
