//! The tests of this layer, once more on PostgreSQL.

mod both_engines;
pub(super) mod database;
mod on_postgres;
mod overlap;
/// The tests of the whole program use more of it.
#[allow(dead_code)]
mod server;
