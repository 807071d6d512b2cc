//! Why a directory could not be read as modules.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::config::error::ConfigError;
use super::config::reference::QualifiedName;
use crate::model::{FilePath, LimitExceeded, PathError, SnapshotError};

/// Why a directory could not be read as modules.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is no such directory.
    #[error("{0} is not a directory; name the directory that holds the module or the workspace")]
    NotADirectory(PathBuf),
    /// A file or directory that cannot be read.
    #[error("could not read {path}: {source}")]
    Unreadable {
        /// The unreadable path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A configuration file is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Two kinds of workspace in one directory.
    #[error("{0} holds both buf.yaml and buf.work.yaml; keep one of them")]
    BothFiles(PathBuf),
    /// A part of a module.
    #[error("{directory} is a part of the module in {module}; push that directory instead")]
    InsideModule {
        /// The requested directory.
        directory: PathBuf,
        /// The module's directory.
        module: PathBuf,
    },
    /// A module that the configuration lists, but that is not there.
    #[error("{config} lists the module directory {directory}, but there is no such directory")]
    MissingModule {
        /// The configuration file.
        config: PathBuf,
        /// The directory.
        directory: PathBuf,
    },
    /// A module without a source.
    #[error("no .proto files found in {0}; a module needs at least one")]
    NoSources(PathBuf),
    /// The path of a source is not UTF-8.
    #[error("the path of {0} is not UTF-8; rename the file or its directory")]
    PathNotUtf8(PathBuf),
    /// A path that cannot be pushed.
    #[error("{origin:?} cannot be pushed: {source}")]
    Path {
        /// The file.
        origin: PathBuf,
        /// The rule that its path breaks.
        source: PathError,
    },
    /// The same import path in two places.
    #[error("{path} is both {first} and {second}; a workspace may have it only once, so exclude or remove one")]
    Duplicate {
        /// The path that imports would use.
        path: FilePath,
        /// One place.
        first: Box<Provider>,
        /// The other place.
        second: Box<Provider>,
    },
    /// A symbolic link leads out of the directory.
    #[error("{link} is a symbolic link to {target}, outside of {boundary}; copy what it points to, or remove the link")]
    LinkOutside {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
        /// The directory that it may not leave.
        boundary: PathBuf,
    },
    /// A symbolic link to a directory that holds it.
    #[error("{link} is a symbolic link to {target}, which holds the link itself; remove the link")]
    LinkLoop {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Links that multiply the tree.
    #[error(
        "more than {limit} symbolic links to directories below {directory}; exclude the directories that hold them"
    )]
    TooManyLinks {
        /// The directory being read.
        directory: PathBuf,
        /// Most links that are followed.
        limit: usize,
    },
    /// Files that are no module.
    #[error("the module in {directory} cannot be pushed: {source}")]
    Snapshot {
        /// The module's directory.
        directory: PathBuf,
        /// The rule that its files break.
        source: SnapshotError,
    },
    /// Too many files, or too large ones.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

/// A source and the module that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The file.
    pub file: PathBuf,
    /// The module's name; none if it has none.
    pub module: Option<QualifiedName>,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.module {
            Some(module) => write!(f, "{} of {module}", self.file.display()),
            None => write!(f, "{} of an unnamed module", self.file.display()),
        }
    }
}

impl WorkspaceError {
    /// Takes an error of the system at `path`, for `map_err`.
    pub(super) fn unreadable(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Unreadable { path, source }
    }
}
