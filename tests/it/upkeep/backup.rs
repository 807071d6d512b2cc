//! Backup while pushes go on, and restore.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Module, Registry, pets, registry_command, run};
use crate::upkeep::{Filled, damage, on};

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

#[test]
fn an_incremental_backup_writes_what_changed_and_each_comes_back() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| {
        options.keep(data.path(), None);
    });
    let module = format!("{}/pets", registry.user);
    // Bytes that no database page has twice.
    let readme: String = (0..200_000_u64).map(|n| format!("{:x} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let push =
        |field: &str| Module::new(&module).file("pets.proto", pets(field)).file("README.md", &readme).push(&registry);
    let first = push("first");
    let (work, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pieces = work.path().join("pieces");
    let backup = |more: &[&str]| {
        let arguments = [&["backup", pieces.to_str().unwrap(), "--incremental", "--json"], more].concat();
        on(data.path(), &arguments).ok().json()
    };
    let bytes = |backup: &serde_json::Value, key: &str| backup[key].as_u64().unwrap();
    let before = backup(&[]);
    assert!(bytes(&before, "new_bytes") > 3 << 20, "{before}");
    let second = push("second");
    let after = backup(&[]);
    let added = bytes(&after, "new_bytes");
    assert!(added > 0 && added < bytes(&after, "bytes") / 2, "{after}");

    let restore = |from: &str, to: &str| {
        let to = place.path().join(to);
        run(registry_command(place.path()).args(["restore", from]).arg(&to)).ok();
        on(&to, &["verify"]).ok();
        let copy = Registry::with(|options| {
            options.keep(&to, Some(&registry.token));
        });
        let found = |commit: &str| copy.get(&format!("/{module}/raw/{commit}/pets.proto")).status == 200;
        (found(&first.commit), found(&second.commit))
    };
    let dir = pieces.to_str().unwrap();
    let name = std::path::Path::new(before["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap();
    assert_eq!(restore(dir, "newest"), (true, true));
    assert_eq!(restore(&format!("{dir}@{name}"), "earlier"), (true, false));
    let pruned = backup(&["--keep", "1"]);
    assert_eq!(bytes(&pruned, "removed_backups"), 2, "{pruned}");
    assert_eq!(restore(dir, "pruned"), (true, true));
    let gone = format!("{dir}@{name}");
    run(registry_command(place.path()).args(["restore", &gone, "gone"])).could_not_run().says("holds no backup");

    // A piece that was changed or lost is found, and nothing is left.
    let folders = std::fs::read_dir(pieces.join("pieces")).unwrap().map(|folder| folder.unwrap().path());
    // A folder may be empty whose pieces went with the older backups.
    let piece = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).next().unwrap().unwrap().path();
    let to = place.path().join("damaged");
    let restore = || run(registry_command(place.path()).args(["restore", dir]).arg(&to));
    std::fs::write(&piece, "changed").unwrap();
    let name = piece.file_name().unwrap().to_str().unwrap();
    restore().refused().says("this backup is damaged: the piece ").says(name).says("restore another backup");
    std::fs::remove_file(&piece).unwrap();
    restore().refused().says("this backup lacks the piece ").says(name).says("restore another backup");
    assert!(!to.exists());
    registry.stop();
}

#[test]
fn a_file_is_no_directory_of_pieces_and_a_directory_no_file() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let (file, dir) = (work.path().join("registry.db"), work.path().join("dir"));
    std::fs::write(&file, "a backup").unwrap();
    std::fs::create_dir(&dir).unwrap();
    let backup = |arguments: &[&str]| on(filled.data.path(), &[&["backup"], arguments].concat()).could_not_run();
    let refused = backup(&[file.to_str().unwrap(), "--incremental"]);
    let refused = refused.says("registry.db cannot be a directory of backups in pieces").says("is a file");
    assert!(!refused.stderr.contains("--data-dir"), "{refused}");
    backup(&[dir.to_str().unwrap()]).says("is a directory; name the file").says("--incremental");
    assert_eq!(std::fs::read(&file).unwrap(), b"a backup");
}

#[test]
fn an_administrator_downloads_a_backup_from_another_machine() {
    let registry = Registry::start();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("registry.db");
    let take = |token: &str, file: &std::path::Path| {
        let server = ["backup", "--server", &registry.url, "--token", token].map(str::to_owned);
        run(registry_command(work.path()).args(server).arg(file))
    };
    take(&registry.user_token("sam"), &file).refused().says("administrator");
    take("reg_nothing", &file).fails();
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 0);
    take(&registry.token, &file).ok().prints("holds everything");
    let audited = registry.cli(["audit", "--action", "store.backup", "--json"]).ok();
    assert!(audited.stdout.contains("store.backup"), "{audited}");

    let restored = work.path().join("restored");
    run(registry_command(work.path()).arg("restore").arg(&file).arg(&restored)).ok();
    let copy = Registry::with(|options| {
        options.keep(&restored, Some(&registry.token));
    });
    copy.get(&format!("/acme/pets/raw/{}/pets.proto", pushed.commit)).ok();
}

#[test]
fn what_is_damaged_becomes_no_backup() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let (backup, pieces) = (work.path().join("backup.db"), work.path().join("pieces"));
    let good = filled.copy();
    on(good.path(), &["backup", backup.to_str().unwrap()]).ok();
    on(good.path(), &["backup", "--incremental", pieces.to_str().unwrap(), "--keep", "1"]).ok();
    let (whole, data) = (std::fs::read(&backup).unwrap(), filled.copy());
    damage(data.path(), "blobs", "content");
    let damaged =
        |arguments: &[&str]| on(data.path(), arguments).refused().says("so no backup was made").says("registry verify");
    damaged(&["backup", backup.to_str().unwrap()]);
    assert!(std::fs::read(&backup).unwrap() == whole, "the backup before is there");
    damaged(&["backup", "--incremental", pieces.to_str().unwrap(), "--keep", "1"]);
    assert!(damaged(&["backup", "-"]).stdout.is_empty());
    let registry = filled.serve(data.path());
    registry
        .cli(["backup", backup.to_str().unwrap(), "--server", &registry.url])
        .refused()
        .says("so no backup was made");
    assert!(std::fs::read(&backup).unwrap() == whole);
    for (n, from) in [&backup, &pieces].into_iter().enumerate() {
        let place = work.path().join(format!("restored{n}"));
        run(registry_command(work.path()).arg("restore").arg(from).arg(place)).ok();
    }
}

#[test]
fn a_file_that_is_no_backup_is_not_replaced() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("notes.txt");
    std::fs::write(&file, "my notes").unwrap();
    on(filled.data.path(), &["backup", file.to_str().unwrap()]).could_not_run().says("is no backup");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "my notes");
    std::fs::write(&file, "").unwrap();
    on(filled.data.path(), &["backup", file.to_str().unwrap()]).ok();
    on(filled.data.path(), &["backup", file.to_str().unwrap()]).ok();
}

#[test]
fn a_directory_of_scheduled_backups_and_a_list_are_told_how_to_be_restored() {
    let filled = Filled::new();
    let work = tempfile::tempdir().unwrap();
    let (scheduled, pieces) = (work.path().join("scheduled"), work.path().join("pieces"));
    std::fs::create_dir(&scheduled).unwrap();
    let older = scheduled.join("registry-20261127T090000Z.db");
    let newer = scheduled.join("registry-20261128T090000Z.db");
    for file in [&older, &newer] {
        on(filled.data.path(), &["backup", file.to_str().unwrap()]).ok();
    }
    on(filled.data.path(), &["backup", "--incremental", pieces.to_str().unwrap()]).ok();
    let restore = |from: &std::path::Path| {
        run(registry_command(work.path()).arg("restore").arg(from).arg(work.path().join("place")))
    };
    restore(&scheduled).could_not_run().says(&format!("registry restore {}", newer.display())).says("2 backups");
    let list = std::fs::read_dir(&pieces).unwrap().map(|entry| entry.unwrap().path());
    let list = list.into_iter().find(|path| path.extension().is_some_and(|end| end == "pieces")).unwrap();
    let time = list.file_stem().unwrap().to_str().unwrap().trim_start_matches("registry-").to_owned();
    restore(&list).could_not_run().says(&format!("{}@{time}", pieces.display()));
    restore(format!("{}@{time}", pieces.display()).as_ref()).ok();
}
