//! SQLite, the engine of a store in a data directory: its statements, its format, and what only a file can have wrong.

pub(in crate::store) mod copy;
pub(in crate::store) mod driver;
pub(in crate::store) mod failure;
pub(in crate::store) mod migrate;
pub(in crate::store) mod open;
pub(in crate::store) mod structure;
pub(in crate::store) mod table_checksums;
