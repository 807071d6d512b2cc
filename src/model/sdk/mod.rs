//! SDKs: the names and versions of their crates, and their states.

pub(super) mod crate_version;
pub(super) mod index_path;
pub(super) mod state;
