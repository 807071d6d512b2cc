//! Why a crate did not pass its check.

use std::time::Duration;

use crate::store::StoreError;

/// Why a crate did not pass.
#[derive(Debug, thiserror::Error)]
pub(in crate::publish) enum CheckError {
    /// The compiler refuses it.
    #[error("the crate does not compile; `cargo check` says:\n{0}")]
    Compiler(String),
    /// The check took too long.
    #[error("`cargo check` of the crate did not end within {} seconds; `--verify-timeout` gives it more time", .0.as_secs())]
    TooSlow(Duration),
    /// Cargo could not be run, or failed for another reason than the code.
    #[error("could not check the crate with cargo: {0}; fix that and request the SDK again")]
    NotRun(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
