//! A directory or an upload becomes one checked snapshot; digests of modules.

mod digest;
pub(crate) mod fuzzing;
mod workspace;

pub use digest::{b4_digest, content_digest, files_digest, listed_files_digest, module_digest};
pub use workspace::{
    ConfigError, ConfigProblem, DependencyRef, LocalModule, LockedCommit, Place, Provider, QualifiedName, Workspace,
    WorkspaceError, WrongRoot, absolute, read, read_options,
};
