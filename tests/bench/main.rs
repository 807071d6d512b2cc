//! `make bench`: what the design gives budgets for, measured on the built program, each beside a peer or a limit of
//! the same run. Nothing here fails for being slow; absolute times vary with the machine, ratios less.
//!
//! With names of sections as arguments only those are measured: `cargo bench -- push googleapis`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(dead_code, unused_imports, reason = "the vocabulary of the tests is larger than what is measured")]

mod bare;
mod buf;
#[cfg(all(feature = "cluster", unix))]
mod cluster;
mod compiling;
mod cost;
mod downstream;
#[path = "../parity/executable.rs"]
mod executable;
mod hand;
mod load;
mod modules;
mod nginx;
#[path = "../parity/opentelemetry.rs"]
mod opentelemetry;
mod pushing;
mod serving;
#[path = "../it/support/mod.rs"]
mod support;
mod table;
mod upkeep;
mod web;

use std::path::{Path, PathBuf};

use table::Table;

/// A part of the measurements, by name.
type Section = (&'static str, fn(&mut Table));

const SECTIONS: &[Section] = &[
    ("start", pushing::start),
    ("push", pushing::push),
    ("index", serving::index),
    ("buf", buf::rows),
    ("upkeep", upkeep::rows),
    ("web", web::pages),
    #[cfg(all(feature = "cluster", unix))]
    ("cluster", cluster::rows),
    ("common-protos", modules::common_protos),
    ("opentelemetry", modules::opentelemetry),
    ("compile", compiling::googleapis),
    ("googleapis", modules::googleapis),
    ("downstream", downstream::rows),
];

/// Where programs and sources of others are kept; `make parity` has them too.
fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/parity")
}

fn main() {
    if compiling::is_started_for_it() {
        return;
    }
    // `cargo bench` passes flags of the standard harness, which mean nothing here.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let unknown = wanted.iter().find(|word| SECTIONS.iter().all(|(name, _)| name != word));
    assert!(unknown.is_none(), "there is no section {unknown:?}");
    let mut table = Table::new();
    for (name, measure) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            measure(&mut table);
        }
    }
    table.print();
}
