//! Why the configuration could not be used.

use std::io;
use std::path::PathBuf;

use super::origin::Origin;

/// A configuration that is refused. Every message names where the offending value stands.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// One setting without the other that it needs.
    #[error("{given} is set but {missing} is not; set both, or neither")]
    Together {
        /// The setting that is there.
        given: &'static str,
        /// The missing one.
        missing: &'static str,
    },
    /// The file could not be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{path}:{line}: not valid TOML: {message}", path = path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The parser's message.
        message: String,
    },
    /// The file with the logins is not one of ours.
    #[error(
        "{path}:{line}: this file holds no logins of `registry`: {message}; move it away, and `registry login` writes a \
         new one",
        path = path.display()
    )]
    Logins {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The parser's message.
        message: String,
    },
    /// The file holds a key that means nothing.
    #[error("{path}:{line}: unknown key {key:?}; {hint}", path = path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// The nearest known key, or where all are listed.
        hint: String,
    },
    /// A key's value has the wrong shape.
    #[error("{path}:{line}: {key} must be {expected}", path = path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// The expected type, with its article.
        expected: &'static str,
    },
    /// A `[[plugin]]` that cannot be read.
    #[error("{path}:{line}: [[plugin]]: {problem}", path = path.display())]
    Plugin {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The problem.
        problem: String,
    },
    /// A `[[mirror]]` that cannot be read.
    #[error("{path}:{line}: [[mirror]]: {problem}", path = path.display())]
    Mirror {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The problem.
        problem: String,
    },
    /// A value breaks the rules of its setting.
    #[error("{name} (from {origin}): {problem}")]
    Value {
        /// The setting.
        name: &'static str,
        /// Where the value stands.
        origin: Origin,
        /// The problem, and a valid value.
        problem: String,
    },
    /// Neither the XDG variable nor the home directory is known.
    #[error("cannot tell where to keep {what}: neither {variable} nor HOME is set; {remedy}")]
    NoHome {
        /// The thing to store there.
        what: &'static str,
        /// The XDG variable that was looked at.
        variable: &'static str,
        /// The remedy.
        remedy: &'static str,
    },
    /// The command line knows no server.
    #[error(
        "no server is known: start one with `registry serve`, log in to one with `registry login URL`, or name one with \
         --server URL or the environment variable REGISTRY_URL"
    )]
    NoServer,
    /// A server's URL is none.
    #[error("server {url:?} (from {origin}) is not a URL of the form http://host:port; {hint}")]
    ServerUrl {
        /// The text.
        url: String,
        /// Where it stands.
        origin: String,
        /// A valid form.
        hint: &'static str,
    },
}
