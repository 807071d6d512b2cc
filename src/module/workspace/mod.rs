//! Reads a directory as `buf push` would: the configuration that governs it, and the files of its modules.
//!
//! The way goes through [`find`] (which configuration), [`plan`] (which modules), [`walk`] (which files) and
//! [`load`] (their contents). Nothing here talks to a registry.

mod buf_lock;
mod buf_work_yaml;
mod buf_yaml;
mod config_error;
mod directory;
mod disk;
mod error;
mod find;
pub(super) mod fuzzing;
mod load;
mod locks;
mod plan;
mod reference;
mod registry_yaml;
mod selection;
#[cfg(test)]
mod tests;
mod walk;
mod yaml;

use std::path::{Component, Path, PathBuf};

pub use buf_lock::LockedCommit;
pub use config_error::{ConfigError, ConfigProblem, Place};
pub use error::{Provider, WorkspaceError};
pub use reference::{DependencyRef, QualifiedName};
pub use registry_yaml::read_options;

use crate::model::{Limits, Snapshot};

/// The modules of a directory and what they depend on.
#[derive(Debug)]
pub struct Workspace {
    /// All local modules, those to push and those that they may import, in the order of their directories.
    pub modules: Vec<LocalModule>,
    /// Declared dependencies that are no local modules, sorted by name.
    pub dependencies: Vec<DependencyRef>,
    /// Commits that `buf.lock` pins, without those of local modules, sorted by name; none if there is no lock.
    pub locked: Option<Vec<LockedCommit>>,
}

/// One module on disk.
#[derive(Debug)]
pub struct LocalModule {
    /// Its name; a module without one cannot be pushed, only imported.
    pub name: Option<QualifiedName>,
    /// Its directory, absolute.
    pub directory: PathBuf,
    /// Its files.
    pub snapshot: Snapshot,
    /// Whether it is to be pushed; the others are there for the pushed ones to import.
    pub targeted: bool,
}

/// Reads the modules that pushing `dir` concerns.
///
/// `dir` may be a workspace (`buf.yaml` v2 or `buf.work.yaml`), a part of one, a single module, or a plain directory
/// of `.proto` files.
///
/// # Errors
/// When a configuration file says something wrong, files cannot be read or break the rules for modules, or more or
/// larger files are there than `limits` allow. Files are measured before they are read.
pub fn read(dir: &Path, limits: &Limits) -> Result<Workspace, WorkspaceError> {
    let directory = absolute(dir)?;
    if !directory.is_dir() {
        return Err(WorkspaceError::NotADirectory(directory));
    }
    let control = find::control(&directory, limits)?;
    let plan = plan::plan(&directory, control, limits)?;
    let modules = load::load(&plan, limits)?;
    Ok(Workspace { modules, dependencies: plan.dependencies, locked: plan.locked })
}

/// `dir` from the file system's root, without `.` and `..`; links stay as they are, as `buf` leaves them.
fn absolute(dir: &Path) -> Result<PathBuf, WorkspaceError> {
    let path = std::path::absolute(dir).map_err(WorkspaceError::unreadable(dir))?;
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    Ok(normal)
}
