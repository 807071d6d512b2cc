//! Why sources were not compiled.

use crate::model::{Diagnostics, LimitExceeded};

/// Why sources were not compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The sources are wrong.
    #[error(transparent)]
    Invalid(#[from] Diagnostics),
    /// The sources are larger or deeper than the server accepts.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The machine gave no threads to compile on.
    #[error("could not start threads to compile on: {0}; the machine is out of memory or threads, try again later")]
    Threads(String),
    /// Other compilations take the memory that there is for all.
    #[error(
        "could not begin to compile: others take all of the memory that there is for it; try again later, or raise \
         the server's --compile-memory"
    )]
    Busy,
    /// Something that cannot happen did.
    #[error("could not compile: {0}; this is a defect of the registry, please report it")]
    Internal(String),
}
