//! The database: its file, its connections, and the functions that run statements.

pub(super) mod backup;
pub(super) mod connections;
pub(super) mod damage;
pub(super) mod dir_lock;
pub(super) mod error;
pub(super) mod file_identity;
pub(super) mod health;
pub(super) mod migrate;
pub(super) mod open;
pub(super) mod pagination;
pub(super) mod query;
pub(super) mod row_checksum;
pub(super) mod sql_values;
pub(super) mod transaction;
