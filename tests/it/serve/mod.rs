//! The server as a process: starting, stopping, listening, and what it keeps.

mod connections;
mod damage;
mod durability;
mod lifecycle;
mod origin;
pub(crate) mod packaging;
pub(crate) mod proxies;
mod reload;
