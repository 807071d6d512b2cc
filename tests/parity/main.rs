//! `make parity`: every embedded plugin against its own executable, byte for byte, and `cargo check` on the crates.
//!
//! The executables are installed from crates.io into `target/parity`, once; that takes long. With plugins as arguments
//! only those are compared, all their versions or one: `cargo test --test parity -- anthropics/buffa:v0.8.1`. With the
//! word `crates` nothing is installed or compared, and the crates are checked alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod compare;
mod crates;
mod executable;
mod inputs;
mod opentelemetry;
#[path = "../it/sdks/edge_modules.rs"]
mod sdk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use registry::generate::Catalogue;
use registry::model::Plugin;

/// Where all that this makes is put.
fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/parity")
}

fn main() -> ExitCode {
    let (wanted, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|name| name.contains('/'));
    let is_wanted = |plugin: &&Plugin| {
        let names = [plugin.name.to_string(), plugin.reference().to_string()];
        wanted.is_empty() || wanted.iter().any(|name| names.contains(name))
    };
    let compares = !words.iter().any(|word| word == "crates");
    let catalogue = Catalogue::embedded().unwrap();
    let plugins: Vec<&Plugin> = catalogue.plugins().iter().filter(is_wanted).collect();
    let mut differences = 0;
    if compares {
        differences += compare_all(&plugins);
    }
    for plugin in plugins.iter().filter(|plugin| plugin.sdk) {
        differences += crates::check(plugin);
    }
    if differences > 0 {
        println!("{differences} differences");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Compares the plugins that have an executable; returns how many inputs have differences.
fn compare_all(plugins: &[&Plugin]) -> usize {
    let inputs = inputs::all();
    let mut differences = 0;
    println!("{:44} {:>8} {:>8} {:>8} {:>12}", "plugin", "inputs", "refused", "files", "bytes");
    for plugin in plugins {
        let Some(executable) = executable::of(plugin) else { continue };
        differences += compare::compare(plugin, &executable, &inputs);
    }
    differences
}
