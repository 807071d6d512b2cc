//! `make parity`: every embedded plugin against its own executable, byte for byte, and `cargo check` on the crates.
//!
//! The executables are installed from crates.io into `target/parity`, once; that takes long. With names of plugins
//! as arguments only those are compared: `cargo test --test parity -- anthropics/buffa`.

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
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| name.contains('/')).collect();
    let is_wanted = |plugin: &&Plugin| wanted.is_empty() || wanted.contains(&plugin.name.to_string());
    let catalogue = Catalogue::embedded().unwrap();
    let plugins: Vec<&Plugin> = catalogue.plugins().iter().filter(is_wanted).collect();
    let inputs = inputs::all();
    let mut differences = 0;
    println!("{:44} {:>8} {:>8} {:>8} {:>12}", "plugin", "inputs", "refused", "files", "bytes");
    for plugin in &plugins {
        let Some(executable) = executable::of(plugin) else { continue };
        differences += compare::compare(plugin, &executable, &inputs);
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
