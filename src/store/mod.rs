//! The only SQL and the only file writes.
//!
//! A [`Store`] is one SQLite database in the data directory. It keeps what it is told: ids and times come from its
//! callers, and it knows no rule of the registry but integrity. Records go in and come out; no statement, row or
//! connection leaves this layer, so a store on another database could stand in its place.
//!
//! Every call is one transaction. A call that changes something returns when the change is on the disk.

mod answers;
mod audit;
mod backup;
mod checks;
mod closure;
mod commits;
mod damage;
mod error;
mod health;
mod identity;
mod interests;
mod jobs;
mod labels;
mod lists;
mod lock;
mod migrate;
mod modules;
mod names;
mod needs;
mod open;
mod owners;
mod pool;
mod push;
mod query;
mod quotas;
mod recipes;
mod records;
mod retries;
mod row_checksum;
mod sdks;
mod search;
mod sessions;
#[cfg(test)]
mod testing;
mod tokens;
mod turns;
mod values;

pub use answers::PluginAnswer;
pub use checks::SdkCheck;
pub use commits::ListedFile;
pub use error::{DiskAccess, StoreError};
pub use lists::{CrateMatches, LabelFilter, ModuleFilter, Order, Page, Viewer};
pub use lock::{DataDir, DirLock};
pub use names::{Claim, RestingName};
pub use open::StoreOptions;
pub use pool::Store;
pub use records::{
    AuditEvent, Commit, Dependency, IndexedModule, Interest, Job, JobSize, JobState, Label, LabelEvent, LabelMove,
    Member, Module, NewCommit, NewJob, Owner, OwnerKind, PushRecord, Role, Sdk, SdkKey, Session, Stats, Symbol,
    SymbolKind, SymbolMatch, Token, Visibility,
};

/// What every call of the store returns.
pub type Result<T> = std::result::Result<T, StoreError>;
