//! Compiling all of googleapis, in a process of its own, beside `buf build` of the same sources.

use std::path::Path;
use std::process::{Command, Stdio};

use registry::compile::{Role, Source, compile};
use registry::model::{Limits, ModuleName, Snapshot};

use super::cost;
use super::modules::all_of_googleapis;
use super::pushing::proto_files;
use super::table::Table;

/// Names the directory that a process started for it compiles.
const DIRECTORY: &str = "BENCH_COMPILE";

/// Does in this process what it was started for; `false` if that is something else.
pub(crate) fn is_started_for_it() -> bool {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return false };
    let module: ModuleName = "bench/measured".parse().unwrap();
    let files = proto_files(Path::new(&directory));
    let snapshot = Snapshot::new(files, &Limits::default()).unwrap();
    compile(&[Source { module: &module, snapshot: &snapshot, role: Role::Content }], &Limits::default()).unwrap();
    true
}

pub(crate) fn googleapis(table: &mut Table) {
    let sources = all_of_googleapis();
    let ours = cost::of(Command::new(std::env::current_exe().unwrap()).env(DIRECTORY, &sources));
    let home = tempfile::tempdir().unwrap();
    let mut build = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs/buf/buf"));
    build.env("HOME", home.path()).arg("build").arg(&sources).args(["--output", "/dev/null"]).stderr(Stdio::null());
    let theirs = cost::of(&mut build);
    table.row("googleapis, compiled", ours.to_string(), format!("buf build {theirs}"), ours.cpu / theirs.cpu);
    table.row("… memory", format!("{:.0} MB", ours.peak), format!("{:.0} MB", theirs.peak), ours.peak / theirs.peak);
}
