//! Why a command failed, and its exit code.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::actions::ActionError;
use crate::actions::restore::NotRestored;
use crate::client::{ClientError, MirrorError, PushError};
use crate::config::ConfigError;
use crate::model::{Diagnostic, Diagnostics};
use crate::serve::ServeError;
use crate::store::{RestoreError, StoreError};

use super::output::Output;
use super::output::seen_path::seen_path;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The configuration is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server did not start, or failed.
    #[error(transparent)]
    Serve(Box<ServeError>),
    /// The data directory could not be used.
    #[error(transparent)]
    Store(Box<StoreError>),
    /// The server refused, or did not respond.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The registry to mirror from refused, or did not respond.
    #[error("{}", of_source(_0))]
    Source(ClientError),
    /// The directory could not be pushed.
    #[error(transparent)]
    Push(Box<PushError>),
    /// The result could not be printed, or the runtime not started.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The request was understood and refused.
    #[error("{0}")]
    Refused(String),
    /// Something needed is missing.
    #[error("{0}")]
    CannotRun(String),
    /// The command of `registry exec` did not start.
    #[error("{reason}")]
    NotStarted {
        /// The exit code by which shells tell why.
        code: u8,
        /// Why.
        reason: String,
    },
    /// The command of `registry exec` ended with this exit code, and has said why itself.
    #[error("the command ended with exit code {0}")]
    Ended(u8),
}

/// Boxed, because they are many times as large as a command's result.
macro_rules! boxed {
    ($($variant:ident: $error:ty),*) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self::$variant(Box::new(error))
            }
        }
    )*};
}

impl From<ActionError> for CliError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Store(error) => error.into(),
            error if error.kind().is_some() => Self::Refused(error.to_string()),
            error => Self::CannotRun(error.to_string()),
        }
    }
}

impl From<MirrorError> for CliError {
    fn from(error: MirrorError) -> Self {
        match error {
            MirrorError::Source(error) => Self::Source(error),
            MirrorError::Target(error) => Self::Client(error),
            MirrorError::Label(error) => Self::Refused(error.to_string()),
        }
    }
}

impl From<RestoreError> for CliError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => error.into(),
            error => Self::Refused(error.to_string()),
        }
    }
}

impl From<NotRestored> for CliError {
    fn from(error: NotRestored) -> Self {
        match error {
            NotRestored::Restore(error) => error.into(),
            NotRestored::Store(error) => error.into(),
            NotRestored::Damaged(_) => Self::Refused(error.to_string()),
        }
    }
}

boxed!(Serve: ServeError, Store: StoreError);

impl From<PushError> for CliError {
    /// Findings name the files as they are seen from the working directory.
    fn from(error: PushError) -> Self {
        let seen =
            |found: Diagnostic| Diagnostic { path: seen_path(Path::new(&found.path)).display().to_string(), ..found };
        Self::Push(Box::new(match error {
            PushError::Invalid(findings) => PushError::Invalid(Diagnostics(findings.0.into_iter().map(seen).collect())),
            other => other,
        }))
    }
}

/// The kinds of failure, each with its exit code; that of a command that was run for the user is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Refused,
    CouldNotRun,
    OfCommand(u8),
}

impl CliError {
    fn failure(&self) -> Failure {
        match self {
            Self::Refused(_) => Failure::Refused,
            Self::Store(error) if is_about_content(error) => Failure::Refused,
            Self::Client(error) | Self::Source(error) if error.is_refusal() => Failure::Refused,
            Self::Push(error) if error.is_refusal() => Failure::Refused,
            Self::NotStarted { code, .. } | Self::Ended(code) => Failure::OfCommand(*code),
            Self::Client(_) | Self::Source(_) | Self::Push(_) => Failure::CouldNotRun,
            Self::Config(_) | Self::Serve(_) | Self::Store(_) | Self::Io(_) | Self::CannotRun(_) => {
                Failure::CouldNotRun
            }
        }
    }

    /// Whether the input or the request was not accepted.
    pub(super) fn is_refusal(&self) -> bool {
        self.failure() == Failure::Refused
    }

    /// The kind of failure in one word, for programs: that of the server's refusal, or one of ours.
    pub(super) fn code(&self) -> &'static str {
        let told = match self {
            Self::Client(error) | Self::Source(error) => error.code(),
            Self::Push(error) => error.code(),
            _ => None,
        };
        match (told, self) {
            (Some(code), _) => code.as_str(),
            (None, Self::Client(ClientError::Unreachable { .. }) | Self::Source(ClientError::Unreachable { .. })) => {
                "unreachable"
            }
            (None, _) if self.failure() == Failure::Refused => "refused",
            (None, _) => "could_not_run",
        }
    }

    /// What is wrong in the user's sources, if that is why.
    pub(super) fn findings(&self) -> Option<&Diagnostics> {
        match self {
            Self::Push(error) => match error.as_ref() {
                PushError::Invalid(findings) => Some(findings),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the reader of the output has closed it, as `head` does.
    fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The message for a failure of the registry to mirror from, with the flags that apply to that registry.
fn of_source(error: &ClientError) -> String {
    const TOKEN: &str = "give one with --source-token or REGISTRY_SOURCE_TOKEN";
    match error {
        ClientError::Unreachable { url, reason } => {
            format!("could not reach {url} to mirror from: {reason}; --from names another address")
        }
        ClientError::NoToken { url, message } => format!("{url} needs a token ({message}); {TOKEN}"),
        ClientError::BadToken { url, message } => format!("{url} does not accept the token ({message}); {TOKEN}"),
        ClientError::Refused { message, .. } => format!("the registry to mirror from refused: {message}"),
        other => other.to_string(),
    }
}

/// Whether the data directory works, and its content conflicts with the request.
fn is_about_content(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::AlreadyExists(_) | StoreError::Missing(_) | StoreError::Limit(_) | StoreError::DamagedCopy(_)
    )
}

/// Prints the error and returns its exit code.
pub(super) fn report(error: &CliError, output: &mut Output) -> ExitCode {
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    if !matches!(error, CliError::Ended(_)) {
        output.error(error.code(), error, error.findings());
    }
    match error.failure() {
        Failure::Refused => ExitCode::from(1),
        Failure::CouldNotRun => ExitCode::from(2),
        Failure::OfCommand(code) => ExitCode::from(code),
    }
}

/// Prints clap's help, version or usage error.
pub(super) fn report_usage(usage: &clap::Error, output: &mut Output) -> ExitCode {
    if usage.use_stderr() && output.is_json() {
        let text = usage.to_string();
        output.error("usage", text.trim().trim_start_matches("error: "), None);
        return ExitCode::from(2);
    }
    let printed = usage.print();
    let broken = printed.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe);
    if usage.use_stderr() || broken { ExitCode::from(2) } else { ExitCode::SUCCESS }
}
