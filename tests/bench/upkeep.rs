//! Backup and proof of a store of some hundred megabytes, beside `cp` and `sha256sum` of the same file, and pushes while a
//! backup is made.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::support::{Module, Registry, pets, registry_command, run};
use super::table::{Table, median};

/// Modules with a large file each, and bytes of it.
const MODULES: usize = 24;
const LARGE: usize = 12 << 20;

/// How often each thing is measured.
const RUNS: usize = 3;

/// Text that no other module has.
fn large(number: usize) -> String {
    let mut state = number as u64 + 1;
    let mut text = String::with_capacity(LARGE + 32);
    while text.len() < LARGE {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{state:016x} "));
    }
    text
}

/// The middle of some runs, in seconds.
fn seconds(mut work: impl FnMut()) -> f64 {
    let once = |()| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    median([(); RUNS].map(once).to_vec())
}

fn beside(table: &mut Table, what: &str, bytes: f64, ours: f64, peer: &str, theirs: f64) {
    let rate = |seconds: f64| format!("{:.0} MB/s", bytes / 1e6 / seconds);
    table.row(what, rate(ours), format!("{peer}: {}", rate(theirs)), ours / theirs);
}

/// Backup, verify, and pushes meanwhile.
pub(crate) fn rows(table: &mut Table) {
    let data = tempfile::tempdir().unwrap();
    let work = tempfile::tempdir().unwrap();
    let registry = Registry::with(|options| {
        options.keep(data.path(), None);
    });
    let module = |name: &str| Module::new(&format!("{}/{name}", registry.user));
    for number in 0..MODULES {
        let name = format!("large{number}");
        module(&name).file("pets.proto", pets("name")).file("README.md", large(number)).push(&registry);
    }
    let database = data.path().join("registry.db");
    let upkeep = |arguments: &[&str]| {
        run(registry_command(work.path()).args(arguments).arg("--data-dir").arg(data.path())).ok();
    };
    let place = |name: &str| work.path().join(name).to_str().unwrap().to_owned();
    let shell = |line: String| run(Command::new("sh").arg("-c").arg(line)).ok();
    let db = database.display();
    upkeep(&["backup", &place("warm.db")]);
    let bytes = Path::new(&place("warm.db")).metadata().unwrap().len() as f64;

    let ours = seconds(|| upkeep(&["backup", &place("backup.db")]));
    let theirs = seconds(|| drop(shell(format!("cp {db} {0} && sync {0}", place("copy.db")))));
    beside(table, "backup", bytes, ours, "cp and sync", theirs);
    let pieces = place("pieces");
    upkeep(&["backup", &pieces, "--incremental"]);
    let ours = seconds(|| {
        module("small").file("pets.proto", pets("other")).push(&registry);
        upkeep(&["backup", &pieces, "--incremental"]);
    });
    beside(table, "incremental backup after a push", bytes, ours, "cp and sync", theirs);
    let ours = seconds(|| upkeep(&["verify"]));
    let theirs = seconds(|| drop(shell(format!("sha256sum {db}"))));
    beside(table, "verify", bytes, ours, "sha256sum", theirs);

    let push = |number: usize| {
        let started = Instant::now();
        module("small").file("pets.proto", pets(&format!("run{number}"))).push(&registry);
        started.elapsed().as_secs_f64() * 1e3
    };
    let alone = median((0..9).map(push).collect());
    let done = AtomicBool::new(false);
    let during = std::thread::scope(|scope| {
        let backups = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                upkeep(&["backup", &place("during.db")]);
            }
        });
        let times = (9..18).map(push).collect();
        done.store(true, Ordering::Relaxed);
        backups.join().unwrap();
        median(times)
    });
    let (what, alone_text) = ("registry push while backups are made", format!("without: {alone:.0} ms"));
    table.row(what, format!("{during:.0} ms"), alone_text, during / alone);
}
