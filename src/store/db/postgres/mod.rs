//! PostgreSQL, the engine of a store that several nodes share: its address, its statements, and its format.
//!
//! Its calls block, as every call of the store does: a thread that waits for SQLite's disk can as well wait for an
//! answer from the network, and no call has to be written twice.

pub(in crate::store) mod address;
mod client;
pub(in crate::store) mod connect;
pub(in crate::store) mod driver;
pub(in crate::store) mod failure;
pub(in crate::store) mod migrate;
mod overlap;
pub(in crate::store) mod password_file;
pub(in crate::store) mod placeholders;
pub(in crate::store) mod server;
pub(in crate::store) mod tls;
pub(in crate::store) mod wire_value;
