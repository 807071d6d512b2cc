//! The database: its file, its connections, and its transactions. `engine` is what an engine offers to the store;
//! `statements` has the helpers of the tables.

#[cfg(feature = "cluster")]
pub(super) mod blocking;
pub(super) mod changes;
pub(super) mod connections;
pub(super) mod damage;
pub(super) mod dir_lock;
pub(super) mod engine;
pub(super) mod error;
pub(super) mod file_identity;
pub(super) mod health;
mod known_changes;
pub(super) mod node_beats;
pub(super) mod origin;
#[cfg(feature = "cluster")]
pub(super) mod postgres;
mod retries;
pub(super) mod sqlite;
pub(super) mod statements;
pub(super) mod transaction;
pub(super) mod unfinished_copy;
