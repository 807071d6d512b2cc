//! Every declared name, and the references between them.

pub(super) mod duplicate_members;
pub(super) mod file_scope;
mod members;
pub(super) mod references;
pub(super) mod symbols;
