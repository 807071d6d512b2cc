//! `make bench`: what the design gives budgets for, measured on the built program, each beside a peer or a limit of
//! the same run. Nothing here fails for being slow; absolute times vary with the machine, ratios less.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(dead_code, unused_imports, reason = "the vocabulary of the tests is larger than what is measured")]

mod bare;
mod load;
mod pushing;
mod serving;
#[path = "../it/support/mod.rs"]
mod support;
mod table;

use table::Table;

fn main() {
    // `cargo bench` passes flags of the standard harness, which mean nothing here.
    let mut table = Table::new();
    pushing::start(&mut table);
    pushing::push(&mut table);
    serving::index(&mut table);
    table.print();
}
