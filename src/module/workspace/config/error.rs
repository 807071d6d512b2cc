//! Problems of `buf.yaml`, `buf.work.yaml` and `buf.lock`, with their locations.

use std::fmt;
use std::path::PathBuf;

use crate::model::{DigestError, IdError, NameError};

/// A line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file.display()),
            line => write!(f, "{}:{line}", self.file.display()),
        }
    }
}

/// A problem of a configuration file, with its location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Box<ConfigProblem>,
}

/// A problem of a configuration file; always shown after its location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// No YAML, or a value of another type than the key has.
    #[error("{0}")]
    Syntax(String),
    /// A key that this version of the file does not have.
    #[error("key {key:?} is not known here; {hint}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest known key, or all of them.
        hint: String,
    },
    /// There is no `version`.
    #[error("`version` is missing; add one of {supported}")]
    MissingVersion {
        /// The versions that this file may have.
        supported: &'static str,
    },
    /// A `version` that this file does not have.
    #[error("version {version:?} is not supported; use one of {supported}")]
    UnsupportedVersion {
        /// The version in the file.
        version: String,
        /// The versions that this file may have.
        supported: &'static str,
    },
    /// A member of `buf.work.yaml` that is a workspace of its own.
    #[error(
        "a module listed in buf.work.yaml must have version v1 or v1beta1; move its settings to a v2 buf.yaml in place of buf.work.yaml"
    )]
    WorkspaceMember,
    /// A lock of another generation than the `buf.yaml` beside it.
    #[error(
        "a lock of version {lock} does not fit a buf.yaml of version {yaml} (none counts as v1); run `buf dep update` to write it again"
    )]
    LockVersion {
        /// Version of the lock.
        lock: &'static str,
        /// Version of `buf.yaml`.
        yaml: &'static str,
    },
    /// A module that is not named `host/owner/module`.
    #[error("{0:?} is not a module's full name; write HOST/OWNER/MODULE, such as registry.example.com/acme/petapis")]
    NotAFullName(String),
    /// The first part of a full name is no host.
    #[error("{name:?} does not start with a host: {host:?} may hold letters, digits, dots, hyphens and a port only")]
    Host {
        /// The full name.
        name: String,
        /// Its first part.
        host: String,
    },
    /// A dependency that ends in a colon, or has two.
    #[error("{0:?} is not a dependency; write HOST/OWNER/MODULE or HOST/OWNER/MODULE:LABEL")]
    NotADependency(String),
    /// A name that breaks the rules for owners and modules.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The same module twice where it may be named once.
    #[error("module {name} stands here and at {other}; name it once")]
    DuplicateName {
        /// The module.
        name: String,
        /// The place that came first.
        other: Place,
    },
    /// Modules of one workspace that want different references of one dependency.
    #[error("dependency {here} is given as {there} at {other}; use the same in the whole workspace")]
    DifferentReferences {
        /// The dependency as it stands here.
        here: String,
        /// As it stands at the other place.
        there: String,
        /// The other place.
        other: Place,
    },
    /// `name` at the top of a file that lists modules.
    #[error("`name` at the top cannot be used with `modules`; give each entry of `modules` its own name")]
    NameWithModules,
    /// `build.roots` outside of v1beta1.
    #[error("`build.roots` exists in version v1beta1 only; use `modules` of version v2 for several directories")]
    Roots,
    /// A list that must have entries.
    #[error("`{0}` is empty; list at least one directory")]
    Empty(&'static str),
    /// A directory that is absolute or leaves its base.
    #[error("directory {0:?} must be relative, with `/` between its parts, and stay inside the directory of this file")]
    OutsideDirectory(String),
    /// A workspace member that is the workspace.
    #[error("directory `.` cannot be listed in buf.work.yaml; list the directories below it")]
    WholeWorkspace,
    /// A directory twice in one list.
    #[error("{kind} {directory} is listed twice")]
    DuplicateDirectory {
        /// `root`, `include`, `exclude` or `directory`.
        kind: &'static str,
        /// The directory.
        directory: String,
    },
    /// A directory and its parent in one list.
    #[error("{kind} {inner} lies inside {kind} {outer}; keep one of them")]
    NestedDirectory {
        /// `root`, `include`, `exclude` or `directory`.
        kind: &'static str,
        /// The inner directory.
        inner: String,
        /// The outer directory.
        outer: String,
    },
    /// A file where a directory is wanted.
    #[error("{kind} {path} names a .proto file; only directories can be listed")]
    File {
        /// `include` or `exclude`.
        kind: &'static str,
        /// The listed path.
        path: String,
    },
    /// An include or exclude that is all of the module.
    #[error("{kind} {path} is all of the module's directory; leave it out, or name a directory below")]
    Everything {
        /// `include` or `exclude`.
        kind: &'static str,
        /// The listed path.
        path: String,
    },
    /// An include or exclude that belongs to no module directory.
    #[error("{kind} {path} does not lie inside {base}; {hint}")]
    Elsewhere {
        /// `include` or `exclude`.
        kind: &'static str,
        /// The listed path.
        path: String,
        /// Where it should lie.
        base: String,
        /// From where paths are counted.
        hint: &'static str,
    },
    /// An include that an exclude removes again.
    #[error("include {include} lies inside exclude {exclude}, so nothing of it would be left")]
    IncludeExcluded {
        /// The include.
        include: String,
        /// The exclude.
        exclude: String,
    },
    /// A lock entry without something that it needs.
    #[error("the lock entry has no `{0}`; run `buf dep update` to write the lock again")]
    LockEntry(&'static str),
    /// A commit that is no id.
    #[error(transparent)]
    Commit(#[from] IdError),
    /// A digest that is none.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A dependency that the lock does not know.
    #[error("dependency {name} is not in {lock}; run `buf dep update`")]
    NotLocked {
        /// The dependency.
        name: String,
        /// The lock.
        lock: String,
    },
    /// Two locks of one workspace that disagree.
    #[error(
        "module {name} is locked to commit {here}, but {other} locks it to {there}; run `buf dep update` in both, or push one directory at a time"
    )]
    LockConflict {
        /// The locked module.
        name: String,
        /// The commit here.
        here: String,
        /// The commit of the other lock.
        there: String,
        /// The other lock.
        other: Place,
    },
}

impl ConfigProblem {
    /// The error of this problem at `place`.
    pub(in crate::module::workspace) fn at(self, place: &Place) -> ConfigError {
        ConfigError { place: place.clone(), problem: Box::new(self) }
    }
}
