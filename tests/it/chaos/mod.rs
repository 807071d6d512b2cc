//! Registries that are killed, and disks that fail: what was acknowledged is there, and nothing is half there.
//!
//! The short forms run with all other tests. `make chaos`, `make chaos-io` and `make chaos-cluster` run the same for as
//! long as one likes (`tests/chaos/main.rs`).

mod audit;
#[cfg(all(feature = "cluster", unix))]
mod cluster;
#[cfg(target_os = "linux")]
mod disks;
mod kills;
mod ledger;
mod pushers;
mod random;
#[cfg(all(feature = "cluster", unix))]
mod world;

#[cfg(all(feature = "cluster", unix))]
pub(crate) use cluster::ClusterKills;
#[cfg(target_os = "linux")]
pub(crate) use disks::{Disks, Fault};
pub(crate) use kills::{Kills, Plan};
#[cfg(all(feature = "cluster", unix))]
pub(crate) use world::{Crates, World};
