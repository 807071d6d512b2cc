//! Reads a directory as `buf push` would: the configuration that governs it, and the files of its modules.
//!
//! The way goes through [`discover`] (which configuration), [`plan`] (which modules), [`walk`] (which files) and
//! [`load`] (their contents). Nothing here talks to a registry.

mod config;
mod declared;
mod discover;
mod disk;
mod error;
pub(super) mod fuzzing;
mod left_out;
mod load;
mod local_module;
mod merge_locks;
mod plan;
#[cfg(test)]
mod tests;
mod walk;
mod wrong_root;

use std::path::{Component, Path, PathBuf};

pub use config::buf_lock::LockedCommit;
pub use config::error::{ConfigError, ConfigProblem, Place};
pub use config::reference::{DependencyRef, QualifiedName};
pub use config::registry_yaml::read_options;
pub use error::{Provider, WorkspaceError};
pub use local_module::LocalModule;
pub use wrong_root::WrongRoot;

use crate::model::Limits;
use left_out::LeftOut;

/// The modules of a directory and their dependencies.
#[derive(Debug)]
pub struct Workspace {
    /// All local modules, pushed ones and ones to import, in the order of their directories.
    pub modules: Vec<LocalModule>,
    /// Declared dependencies that are no local modules, sorted by name.
    pub dependencies: Vec<DependencyRef>,
    /// Commits that `buf.lock` pins, without those of local modules, sorted by name; none if there is no lock.
    pub locked: Option<Vec<LockedCommit>>,
    /// Whether it is a plain directory: no configuration says what belongs to its module.
    pub is_plain: bool,
    /// Files and directories of a plain directory that do not belong to its module: hidden ones, build output, and what
    /// git ignores.
    pub left_out: Vec<PathBuf>,
    /// The directory that was meant instead of this plain one, if the packages of its sources say so.
    pub wrong_root: Option<WrongRoot>,
}

/// Reads the modules for a push of `dir`.
///
/// `dir` may be a workspace (`buf.yaml` v2 or `buf.work.yaml`), a part of one, a single module, or a plain directory
/// of `.proto` files.
///
/// # Errors
/// When a configuration file is not valid, files cannot be read or break the rules for modules, or exceed `limits`.
/// Files are measured before they are read.
pub fn read(dir: &Path, limits: &Limits) -> Result<Workspace, WorkspaceError> {
    let directory = absolute(dir)?;
    if !directory.is_dir() {
        return Err(WorkspaceError::NotADirectory(directory));
    }
    let control = discover::control(&directory, limits)?;
    let plan = plan::plan(&directory, control, limits)?;
    let mut left_out = plan.is_plain.then(|| LeftOut::new(&directory));
    let modules = load::load(&plan, &mut left_out, limits)?;
    let left_out = left_out.map(LeftOut::into_paths).unwrap_or_default();
    let wrong_root = modules.iter().filter(|_| plan.is_plain).find_map(wrong_root::of_module);
    Ok(Workspace {
        is_plain: plan.is_plain,
        modules,
        dependencies: plan.dependencies,
        locked: plan.locked,
        left_out,
        wrong_root,
    })
}

/// `dir` from the file system's root, without `.` and `..`; links stay as they are, as `buf` leaves them.
///
/// # Errors
/// When the working directory is gone.
pub fn absolute(dir: &Path) -> Result<PathBuf, WorkspaceError> {
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
