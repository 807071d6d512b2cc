//! The only SQL and the only file writes.

mod error;
mod records;
mod stub;

pub use error::StoreError;
pub use records::*;
pub use stub::{DataDir, DirLock, Store, StoreOptions};

/// What every call of the store returns.
pub type Result<T> = std::result::Result<T, StoreError>;
