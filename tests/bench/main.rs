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
mod web;

use table::Table;

/// Adds its rows to the table.
type Measure = fn(&mut Table);

/// What is measured, by name: `cargo bench -- web` measures one of them.
const SECTIONS: [(&str, Measure); 4] =
    [("start", pushing::start), ("push", pushing::push), ("index", serving::index), ("web", web::pages)];

fn main() {
    // `cargo bench` passes flags of the standard harness, which mean nothing here.
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let mut table = Table::new();
    for (name, measure) in SECTIONS {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            measure(&mut table);
        }
    }
    table.print();
}
