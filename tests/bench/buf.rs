//! What `buf` users wait for: pushes, builds of a remote module, and generation by remote plugins. Each stands beside
//! what the same program takes for the same sources without a registry.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::pushing::ten_files;
use super::support::{Buf, Registry, googleapis};
use super::table::{Table, median};

const RUNS: usize = 7;

/// Plugins whose executables are on crates.io, with the versions that the registry has embedded.
const PLUGINS: [(&str, &str); 2] = [("prost", "0.5.0"), ("tonic", "0.5.0")];

pub(crate) fn rows(table: &mut Table) {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().module("acme/pets", &[]);
    write(&buf, 0);
    buf.push("pets");
    let local = milliseconds(|_| drop(buf.run(["build", "pets"]).ok()));
    let beside = format!("`buf build` of the sources {local:.0} ms");

    let unchanged = milliseconds(|_| drop(buf.run(["push", "pets"]).ok()));
    table.row("buf push, 10 files, unchanged", format!("{unchanged:.0} ms"), beside.clone(), unchanged / local);
    let changed = milliseconds(|run| {
        write(&buf, run + 1);
        buf.run(["push", "pets"]).ok();
    });
    table.row("buf push, 10 files, changed", format!("{changed:.0} ms"), beside.clone(), changed / local);

    buf.run(["build", "HOST/acme/pets"]).ok();
    let warm = milliseconds(|_| drop(buf.run(["build", "HOST/acme/pets"]).ok()));
    table.row("buf build of a remote module, warm cache", format!("{warm:.0} ms"), beside.clone(), warm / local);
    let cold = milliseconds(|_| {
        buf.forget();
        buf.run(["build", "HOST/acme/pets"]).ok();
    });
    table.row("buf build of a remote module, cold cache", format!("{cold:.0} ms"), beside, cold / local);
    generate(table, &buf);
}

/// The same sources through the plugins here and through their executables.
fn generate(table: &mut Table, buf: &Buf) {
    let mut templates = ["version: v2\nplugins:\n".to_owned(), "version: v2\nplugins:\n".to_owned()];
    for (plugin, version) in PLUGINS {
        templates[0] += &format!("  - remote: HOST/community/neoeinstein-{plugin}:v{version}\n    out: remote\n");
        let executable = executable(&format!("protoc-gen-{plugin}"), version);
        // As remote plugins, it sees all files at once.
        templates[1] += &format!("  - local: {}\n    out: local\n    strategy: all\n", executable.display());
    }
    buf.write("remote.yaml", &templates[0]);
    buf.write("local.yaml", &templates[1]);
    let sources = googleapis();
    let sources = sources.to_str().unwrap();
    let time = |template: &str| milliseconds(|_| drop(buf.run(["generate", sources, "--template", template]).ok()));
    let (remote, local) = (time("remote.yaml"), time("local.yaml"));
    let what = "buf generate of googleapis-common-protos, remote plugins";
    table.row(what, format!("{remote:.0} ms"), format!("local plugins {local:.0} ms"), remote / local);
}

/// The median of some runs.
fn milliseconds(mut run: impl FnMut(usize)) -> f64 {
    let times = (0..RUNS).map(|at| {
        let started = Instant::now();
        run(at);
        started.elapsed().as_secs_f64() * 1e3
    });
    median(times.collect())
}

fn write(buf: &Buf, run: usize) {
    for file in ten_files(run).files() {
        buf.write(&format!("pets/{}", file.path), std::str::from_utf8(&file.content).unwrap());
    }
}

/// A plugin's executable, installed now if it is not there; where `make parity` has it too.
fn executable(krate: &str, version: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/parity");
    let root = directory.join(format!("{krate}-{version}"));
    let path = root.join("bin").join(krate);
    if !path.exists() {
        eprintln!("installing {krate} {version}");
        let mut install = Command::new(env!("CARGO"));
        install.args(["install", "--quiet", "--locked", "--version", version, "--root"]).arg(root).arg(krate);
        let installed = install.env("CARGO_TARGET_DIR", directory.join("build")).status().unwrap();
        assert!(installed.success(), "could not install {krate} {version}");
    }
    path
}
