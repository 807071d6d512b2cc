//! Sources that are made to cost much, as one table: every construct of the language, large, deep, wide, long, repeated
//! and multiplied with another. Each row says what its push may cost for each byte of source, in memory and in time of
//! the processor; that is measured on the running server while others read and push. A construct without a row fails.
//!
//! `BOMBS=8` makes every row eight times as large (`make bombs`).

mod coverage;
mod range;
mod row;
mod rows;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use range::Range;
use row::Row;

use crate::support::{Buf, Registry, pets};

/// How many times as large as usual the rows are.
fn scale() -> usize {
    std::env::var("BOMBS").map_or(1, |times| times.parse().expect("BOMBS is a number"))
}

/// Pushes all of `rows`, one after the other to each of two registries, and fails when one of them did.
fn push_all(rows: &[Row], start: impl Fn() -> Registry + Sync) {
    let next = AtomicUsize::new(0);
    let push = || {
        let (mut range, mut failed) = (Range::new(start()), Vec::new());
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            if catch_unwind(AssertUnwindSafe(|| range.push(row, scale()))).is_err() {
                failed.push(row.name);
            }
        }
        failed
    };
    let failed = std::thread::scope(|scope| {
        let pushers = [scope.spawn(push), scope.spawn(push)];
        pushers.map(|pusher| pusher.join().unwrap()).concat()
    });
    assert!(failed.is_empty(), "see above what these did: {failed:?}");
}

#[test]
fn no_source_costs_more_than_its_row_says() {
    push_all(&rows::all(), || Registry::with(|options| _ = options.flag("eager-plugins", "")));
}

#[test]
fn no_crate_costs_more_than_its_row_says() {
    push_all(&rows::generated(), Registry::start);
}

#[test]
fn compiling_is_refused_with_the_flags_that_change_its_bounds() {
    let registry = Registry::with(|options| _ = options.flag("compile-memory", "64MiB").flag("eager-plugins", ""));
    let mut range = Range::new(registry);
    let fields = rows::all().into_iter().find(|row| row.name == "fields of a message").expect("a row for fields");
    let limited = fields.refused("the server's --compile-memory changes the limit");
    range.push(&limited, 4);
}

#[test]
fn buf_is_told_what_is_too_large() {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", ""));
    let buf = Buf::new(&registry).acme().module("acme/bomb", &[]);
    buf.write("bomb/a.proto", &format!("syntax = \"proto3\"; message {} {{}}", "M".repeat(10_000)));
    buf.run(["push", "bomb", "--create"]).fails().says("the full name has 10000 bytes; at most 1024 are supported");
    buf.write("bomb/a.proto", &pets("name"));
    buf.push("bomb");
}
