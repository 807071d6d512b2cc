//! One module of a workspace, read.

use std::path::PathBuf;

use super::config::reference::QualifiedName;
use crate::model::{BreakingConfig, FilePath, Snapshot};

/// One module on disk.
#[derive(Debug)]
pub struct LocalModule {
    /// Its name; a module without one cannot be pushed, only imported.
    pub name: Option<QualifiedName>,
    /// Its directory, absolute.
    pub directory: PathBuf,
    /// Its files.
    pub snapshot: Snapshot,
    /// Where its files are, absolute.
    pub origins: Vec<(FilePath, PathBuf)>,
    /// The `breaking` section that counts for it.
    pub breaking: BreakingConfig,
    /// Whether it is pushed; the others can only be imported by the pushed ones.
    pub targeted: bool,
}
