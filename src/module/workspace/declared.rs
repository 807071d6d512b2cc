//! The dependencies that a `buf.yaml` and the lock beside it declare.

use std::path::PathBuf;

use super::config::buf_lock::LockedCommit;
use super::config::buf_yaml::Located;
use super::config::reference::DependencyRef;

/// A `buf.yaml` with the lock beside it.
pub(super) struct DeclaredDependencies {
    /// Whether one of its modules is pushed.
    pub(super) targeted: bool,
    /// The dependencies in `buf.yaml`.
    pub(super) dependencies: Vec<Located<DependencyRef>>,
    /// The lock's path and entries.
    pub(super) lock: Option<(PathBuf, Vec<Located<LockedCommit>>)>,
}
