//! The modules that a compilation is given.

use crate::model::{ModuleName, Snapshot};

/// Why a module takes part in a compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is being pushed: all its files are compiled and checked.
    Content,
    /// It is in the registry already: only the files that content reaches are compiled.
    Dependency,
}

/// One module that takes part in a compilation.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name.
    pub module: &'a ModuleName,
    /// Its files.
    pub snapshot: &'a Snapshot,
    /// Why it takes part.
    pub role: Role,
}
