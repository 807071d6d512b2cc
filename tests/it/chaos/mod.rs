//! Registries that are killed, and disks that fail: what was acknowledged is there, and nothing is half there.
//!
//! The short forms run with all other tests. `make chaos` and `make chaos-io` run the same for as long as one likes
//! (`tests/chaos/main.rs`).

mod audit;
mod kills;
mod ledger;
mod pushers;
mod random;

pub(crate) use kills::{Kills, Plan};
