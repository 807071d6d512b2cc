//! The tests of this layer, once more on PostgreSQL.

mod both_engines;
pub(super) mod database;
mod on_postgres;
mod overlap;
mod server;
