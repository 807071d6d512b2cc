//! `make chaos`, `make chaos-io` and `make chaos-cluster`: the harness of `tests/it/chaos`, for as long as one likes.
//!
//!     cargo test --test chaos -- kills [CYCLES] [SEED]
//!     cargo test --test chaos -- disks [CALLS]
//!     cargo test --test chaos -- cluster [CYCLES] [SEED]

// A check fails by panicking, and the figures go to standard output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
// The vocabulary is that of all tests; these need a part of it.
#![allow(dead_code, unused_imports)]

#[path = "../it/chaos/mod.rs"]
mod chaos;
#[path = "../it/support/mod.rs"]
mod support;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[cfg(all(feature = "cluster", unix))]
use chaos::{ClusterKills, Crates};
#[cfg(target_os = "linux")]
use chaos::{Disks, Fault};
use chaos::{Kills, Plan};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let number = |at: usize| arguments.get(at).map(|text| text.parse::<u64>().expect("a number"));
    match arguments.first().map(String::as_str) {
        None | Some("kills") => kills(number(1).unwrap_or(1000), number(2)),
        #[cfg(target_os = "linux")]
        Some("disks") => disks(number(1).unwrap_or(40)),
        #[cfg(all(feature = "cluster", unix))]
        Some("cluster") => cluster(number(1).unwrap_or(200), number(2)),
        Some(other) => panic!("there is no {other:?} here; try kills, cluster, or disks on Linux"),
    }
}

/// The seed of the choices: one of its own for each run, unless it is given.
fn seed(given: Option<u64>) -> u64 {
    given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

#[cfg(all(feature = "cluster", unix))]
fn cluster(cycles: u64, seed: Option<u64>) {
    let seed = self::seed(seed);
    println!("{cycles} cycles of two nodes, seed {seed}");
    let started = Instant::now();
    let plan = Plan { cycles, per_directory: 20, audit_every: 10, seed };
    let kills = ClusterKills::run(&plan, Crates::InTheDatabase, |cycle, kills| {
        let points: u64 = kills.at_points.values().sum();
        println!("cycle {cycle}: {} kills at random times, {points} at fail points", kills.at_random);
    });
    let seconds = started.elapsed().as_secs_f32();
    println!("{} acknowledged pushes, none lost or changed, in {seconds:.0} s", kills.acknowledged);
    println!("{} nodes killed at random times", kills.at_random);
    println!("{} times a node stood still", kills.freezes);
    println!("{} times the object store was busy or badly reached", kills.objects_away);
    println!("{} times all connections were cut, {} times before commits were answered", kills.cuts, kills.unconfirmed);
    for (point, times) in &kills.at_points {
        println!("{times:6} ended at {point}");
    }
    for (why, times) in &kills.retried {
        println!("{times:6} pushes were sent again: {why}");
    }
}

fn kills(cycles: u64, seed: Option<u64>) {
    let seed = self::seed(seed);
    println!("{cycles} cycles, seed {seed}");
    let started = Instant::now();
    let plan = Plan { cycles, per_directory: 50, audit_every: 10, seed };
    let kills = Kills::run(&plan, |cycle, kills| {
        let points: u64 = kills.at_points.values().sum();
        println!("cycle {cycle}: {} kills at random times, {points} at fail points", kills.at_random);
    });
    println!(
        "{} acknowledged pushes, none lost or changed, in {:.0} s",
        kills.acknowledged,
        started.elapsed().as_secs_f32()
    );
    println!("{} registries killed at random times", kills.at_random);
    for (point, times) in &kills.at_points {
        println!("{times:6} ended at {point}");
    }
}

/// Lets each of the first `calls` calls of each kind fail in every way, in steps that grow.
#[cfg(target_os = "linux")]
fn disks(calls: u64) {
    let started = Instant::now();
    let mut disks = Disks::default();
    for kind in Fault::kinds() {
        let mut nth = 1;
        while nth <= calls {
            disks.run(&Fault { nth, ..kind.clone() }, nth);
            nth += 1 + nth / 4;
        }
        println!(
            "{} {} {}: {} runs so far",
            kind.call,
            kind.error,
            if kind.always { "always" } else { "once" },
            disks.runs
        );
    }
    let seconds = started.elapsed().as_secs_f32();
    println!("{} acknowledged pushes, none lost or changed, in {seconds:.0} s", disks.acknowledged);
    println!("{} registries on a disk that fails, {} of them did not start", disks.runs, disks.no_start);
    for (message, times) in &disks.refusals {
        println!("{times:6} refusals: {message}");
    }
}
