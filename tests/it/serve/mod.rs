//! The server as a process: starting, stopping, listening, and what it keeps.

mod connections;
mod damage;
mod durability;
mod lifecycle;
mod origin;
mod packaging;
mod proxies;
mod reload;
