//! Why the audit log could not be written.

use std::io;

use crate::store::StoreError;

/// Why records could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// The records could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lines could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}
