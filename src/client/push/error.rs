//! Why a directory was not pushed.

use connectrpc::ErrorCode;

use crate::client::ClientError;
use crate::model::{Diagnostics, ModuleDigest};
use crate::module::{DependencyRef, WorkspaceError};

/// Why a directory was not pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The directory has nothing that can be pushed.
    #[error(transparent)]
    Workspace(Box<WorkspaceError>),
    /// A name was given for one module, but the directory has several.
    #[error("the directory holds {0} modules and --module names one; name them in buf.yaml, or push one directory")]
    SeveralModules(usize),
    /// The module has no name.
    #[error("no module here has a name; give one with --module OWNER/NAME, or as `name` in buf.yaml")]
    NoName,
    /// The sources do not compile. Files of the directory have their absolute paths.
    #[error(transparent)]
    Invalid(Diagnostics),
    /// The server refused, or did not respond.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The module does not exist, and `--create` was not given.
    #[error("{0} (--create makes modules that do not exist yet)")]
    UnknownModule(ClientError),
    /// The server has other content under a pinned commit.
    #[error(
        "buf.lock pins {commit} with digest {pinned}, but the registry has {found}; check where the lock comes \
         from, or run `buf dep update` to write it again"
    )]
    Digest {
        /// The module and its commit.
        commit: String,
        /// Its digest in the lock.
        pinned: Box<ModuleDigest>,
        /// Its digest on the server.
        found: Box<ModuleDigest>,
    },
    /// A dependency of `buf.yaml` is not on the server.
    #[error(
        "dependency {module} cannot be used from {url}: {error}; push it first: registry push DIR --module {module} \
         --create{}", or_mirror(dependency, url),
        module = dependency.module
    )]
    Dependency {
        /// The dependency.
        dependency: Box<DependencyRef>,
        /// The server's address.
        url: String,
        /// The server's error.
        error: ClientError,
    },
    /// The lock pins a commit of this registry that does not exist.
    #[error("buf.lock pins {pinned}, which is not in {url}; run `buf dep update` to write the lock again")]
    StaleLock {
        /// The module and its commit.
        pinned: String,
        /// The server's address.
        url: String,
    },
    /// The lock pins commits of another registry that the server does not have.
    #[error("buf.lock pins commits of another registry that are not in {url}; import them first:\n{}", lines(missing))]
    NotMirrored {
        /// The server's address.
        url: String,
        /// Modules with their commits.
        missing: Vec<String>,
    },
}

/// How the dependency comes from another registry, if it is of another.
fn or_mirror(dependency: &DependencyRef, url: &str) -> String {
    let is_here = url.split_once("://").is_some_and(|(_, host)| host.trim_end_matches('/') == dependency.remote);
    if is_here { String::new() } else { format!("; or import it from another registry: registry mirror {dependency}") }
}

fn lines(missing: &[String]) -> String {
    missing.iter().map(|name| format!("registry mirror {name}")).collect::<Vec<_>>().join("\n")
}

impl From<WorkspaceError> for PushError {
    fn from(error: WorkspaceError) -> Self {
        // Boxed, because it is many times as large as the result of a push.
        Self::Workspace(Box::new(error))
    }
}

impl PushError {
    /// The server's kind of refusal, if it was the server that refused.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Client(error) | Self::UnknownModule(error) | Self::Dependency { error, .. } => error.code(),
            Self::Invalid(_) => Some(ErrorCode::InvalidArgument),
            _ => None,
        }
    }

    /// Whether the push was refused; otherwise it could not be tried.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Workspace(error) => {
                !matches!(**error, WorkspaceError::NotADirectory(_) | WorkspaceError::Unreadable { .. })
            }
            Self::Client(error) => error.is_refusal(),
            _ => true,
        }
    }
}
