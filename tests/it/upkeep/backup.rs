//! Backup while pushes go on, and restore.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Module, Registry, pets, registry_command, run};
use crate::upkeep::{Filled, on};

#[test]
fn a_backup_while_pushes_go_on_restores_to_a_registry_that_serves_the_same() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::with(|options| {
        options.keep(data.path(), None);
    });
    let module = format!("{}/pets", registry.user);
    let pushed = Module::new(&module).file("pets.proto", pets("before")).push(&registry);
    let sdk = pushed.sdk("community/neoeinstein-prost");
    let crate_file = format!("/gen/cargo/api/v1/crates/{}/{}/download", sdk.name, sdk.version);
    let (backup, restored) = (data.path().join("backup.db"), data.path().join("restored"));
    let done = AtomicBool::new(false);
    let pushes = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut pushes = 0;
            while !done.load(Ordering::Relaxed) || pushes == 0 {
                pushes += 1;
                Module::new(&module).file("pets.proto", pets(&format!("during{pushes}"))).push(&registry);
            }
            pushes
        });
        for _ in 0..3 {
            on(data.path(), &["backup", backup.to_str().unwrap()]).ok().prints("holds everything");
        }
        done.store(true, Ordering::Relaxed);
        load.join().unwrap()
    });
    assert!(pushes > 0);
    let restore = |to: &std::path::Path| run(registry_command(data.path()).arg("restore").arg(&backup).arg(to));
    restore(&restored).ok().prints("versions of crates").prints("registry serve --data-dir");
    restore(&restored).refused().says("is not an empty directory");
    on(&restored, &["verify"]).ok();

    let copy = Registry::with(|options| {
        options.keep(&restored, Some(&registry.token));
    });
    let source = format!("/{module}/raw/{}/pets.proto", pushed.commit);
    for path in [&crate_file, &source] {
        assert_eq!(copy.get(path).ok().body, registry.get(path).ok().body, "{path}");
    }
}

#[test]
fn a_backup_that_was_cut_off_or_changed_is_refused_and_leaves_nothing() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let (backup, place) = (work.path().join("backup.db"), work.path().join("place"));
    on(filled.data.path(), &["backup", backup.to_str().unwrap()]).ok();
    let whole = std::fs::read(&backup).unwrap();
    let restore = || run(registry_command(work.path()).arg("restore").arg(&backup).arg(&place));
    std::fs::write(&backup, &whole[..whole.len() / 2]).unwrap();
    restore().refused().says("is not a whole backup");
    let mut changed = whole.clone();
    changed[whole.len() / 3] ^= 4;
    std::fs::write(&backup, changed).unwrap();
    restore().refused().says("the backup is damaged");
    std::fs::remove_file(&backup).unwrap();
    restore().could_not_run().says("could not read");
    let left: Vec<_> = std::fs::read_dir(work.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_backup_goes_through_a_pipe_and_a_wrong_directory_is_named() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let place = work.path().join("place");
    let program = env!("CARGO_BIN_EXE_registry");
    let pipe = format!(
        "{program} backup - --data-dir {} | {program} restore - {} --json",
        filled.data.path().display(),
        place.display()
    );
    let restored = run(std::process::Command::new("sh").arg("-c").arg(pipe)).ok().json();
    assert_eq!(restored["commits"], 3, "{restored}");
    on(&place, &["verify", "--quick"]).ok();
    for command in ["verify", "repair", "gc"] {
        on(work.path(), &[command]).could_not_run().says("holds no registry");
    }
    on(work.path(), &["backup", "x.db"]).could_not_run().says("holds no registry");
    assert!(!work.path().join("registry.db").exists(), "looking made a registry");
}
