//! Nodes that are killed while clients push: the short form of `make chaos-cluster`.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::chaos::{ClusterKills, Crates, Plan};

/// Cycles of a short run: two at random times and two at fail points.
const CYCLES: u64 = 4;

/// Another one in each run; it is printed.
pub(super) fn some_seed() -> u64 {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    eprintln!("seed {seed}");
    seed
}

fn short(crates: Crates) {
    let seed = some_seed();
    let plan = Plan { cycles: CYCLES, per_directory: CYCLES, audit_every: CYCLES, seed };
    let kills = ClusterKills::run(&plan, crates, |_, _| {});
    assert!(kills.acknowledged > 0, "{kills:?}");
}

#[test]
fn nodes_that_are_killed_lose_nothing_that_either_acknowledged() {
    short(Crates::InTheDatabase);
}

#[test]
fn nodes_that_are_killed_lose_nothing_when_crates_are_in_an_object_store() {
    short(Crates::InAnObjectStore);
}
