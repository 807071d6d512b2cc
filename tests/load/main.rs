//! `make load`: a registry under all that its clients do, for ten minutes, or for as many seconds as the argument says.
//!
//! 10,000 connections that are only there, 64 readers of an index page at full speed, ten pushes a second, readers and
//! writers that are slow. The registry is a process of its own. What is printed compares the first fifth of the time
//! with the last; an answer that should not have been, or growth, is a failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(dead_code, unused_imports, reason = "the vocabulary of the tests is larger than what is needed here")]

mod clients;
#[path = "../bench/cost.rs"]
mod cost;
#[path = "../bench/load.rs"]
mod load;
mod record;
#[path = "../it/support/mod.rs"]
mod support;
#[path = "../bench/table.rs"]
mod table;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use clients::Target;
use record::Record;
use support::Registry;
use table::Table;

/// Connections that are only there.
const IDLE: usize = 10_000;

/// Connections that are used, and what the driver itself has open.
const OTHERS: usize = 500;

/// Readers of the index, and slow clients of each kind.
const READERS: usize = 64;
const SLOW: usize = 16;

/// Clients that push, once a second each.
const PUSHERS: usize = 10;

/// Growth that is put down to caches, which fill.
const GROWTH: f64 = 1.5;
const GROWTH_MB: f64 = 128.0;
const GROWTH_DESCRIPTORS: f64 = 64.0;

/// What the process of the registry takes at one time.
#[derive(Clone, Copy)]
struct Taken {
    memory: f64,
    descriptors: f64,
}

fn main() -> ExitCode {
    let seconds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(600);
    let fifth = Duration::from_secs(seconds) / 5;
    let idle = IDLE.min(raise_limit().saturating_sub(OTHERS));
    let mut registry = Registry::with(|options| {
        // All clients have one address, and those that are only there are to stay.
        options.flag("max-connections-per-address", "1000000").flag("keep-alive", "86400").flag("log-level", "warn");
    });
    let target = Target::prepare(&registry);
    let process = registry.process().id();
    let record = Record::new(Instant::now() + Duration::from_secs(seconds), fifth);
    let held = target.idle(&record, idle);
    println!("{} connections are idle; load for {seconds} s", held.len());
    let (start, end) = std::thread::scope(|scope| {
        let (target, record) = (&target, &record);
        (0..READERS).for_each(|_| drop(scope.spawn(move || target.read_index(record))));
        (0..PUSHERS).for_each(|number| drop(scope.spawn(move || target.push(record, number))));
        (0..SLOW).for_each(|_| drop(scope.spawn(move || target.read_slowly(record))));
        (0..SLOW).for_each(|number| drop(scope.spawn(move || target.write_slowly(record, number))));
        std::thread::sleep(fifth);
        let start = taken(process);
        std::thread::sleep(record.left().saturating_sub(Duration::from_secs(1)));
        (start, taken(process))
    });
    target.ask_again(&record, held);
    report(&record, start, end)
}

fn taken(process: u32) -> Taken {
    let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    Taken { memory: cost::memory(process, "VmRSS"), descriptors: descriptors as f64 }
}

/// Prints what was seen, and says whether it is as it should be.
fn report(record: &Record, start: Taken, end: Taken) -> ExitCode {
    let mut table = Table::new();
    for (what, half, whole) in record.times() {
        for (name, [first, last]) in [("p50", half), ("p99", whole)] {
            table.row(
                &format!("{what}, {name}"),
                format!("{last:.1} ms"),
                format!("{first:.1} ms at the start"),
                last / first,
            );
        }
    }
    for (what, first, last, unit) in [
        ("resident memory", start.memory, end.memory, "MB"),
        ("descriptors", start.descriptors, end.descriptors, "open"),
    ] {
        table.row(what, format!("{last:.0} {unit}"), format!("{first:.0} {unit} at the start"), last / first);
    }
    for (what, count) in record.counts() {
        table.row(what, format!("{count}"), String::new(), f64::NAN);
    }
    let errors = record.errors();
    table.row("errors", errors.len().to_string(), "0".into(), f64::NAN);
    table.print();
    errors.iter().take(20).for_each(|error| println!("{error}"));
    let leaks = end.memory > start.memory * GROWTH && end.memory > start.memory + GROWTH_MB;
    let keeps = end.descriptors > start.descriptors + GROWTH_DESCRIPTORS;
    if leaks || keeps {
        println!("the registry has grown");
    }
    if errors.is_empty() && !leaks && !keeps { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Lets this process have as many descriptors as it may, and says how many.
fn raise_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    limit.maximum.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap())
}
