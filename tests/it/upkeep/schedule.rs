//! Backups that the server makes by itself.

use std::path::Path;

use crate::support::{Module, Registry, eventually, pets, registry_command, run};
use crate::upkeep::damage;

fn backups(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return vec![] };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("registry-") && name.ends_with("Z.db"));
    names.sort();
    names
}

fn serve(dir: &Path, every: &str) -> Registry {
    Registry::with(|options| {
        options.flag("backup-dir", dir.to_str().unwrap()).flag("backup-every", every).flag("backup-keep", "2");
    })
}

#[test]
fn the_server_makes_backups_by_itself_and_keeps_the_newest() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("backups");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("registry-20200101T000000Z.db"), "somebody else's").unwrap();
    let mut registry = serve(&dir, "1s");
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let before = backups(&dir);
    eventually("two later backups", || backups(&dir).iter().filter(|name| !before.contains(name)).count() >= 2);
    eventually("old backups are removed", || backups(&dir).len() == 3);
    registry.stop();
    let names = backups(&dir);
    assert_eq!(names[0], "registry-20200101T000000Z.db", "{names:?}");
    let restored = place.path().join("restored");
    let newest = dir.join(names.last().unwrap());
    run(registry_command(place.path()).arg("restore").arg(newest).arg(&restored)).ok();
    let copy = Registry::with(|options| {
        options.keep(&restored, Some(&registry.token));
    });
    copy.get(&format!("/acme/pets/raw/{}/pets.proto", pushed.commit)).ok();
}

#[test]
fn how_old_the_newest_backup_is_and_why_one_failed_is_told_everywhere() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("backups");
    let registry = serve(&dir, "1s");
    let status = || registry.cli(["status", "--json"]).ok().json()["backup"].clone();
    eventually("a backup", || status()["newest"].is_string());
    registry.cli(["status"]).ok().prints("backup       of 20");
    assert!(registry.get("/metrics").ok().text().contains("registry_backup_age_seconds "));
    assert!(registry.get("/readyz?verbose").ok().text().contains("backup: the newest is "));
    assert!(!registry.get("/readyz").ok().text().contains("backup"));
    assert!(registry.get("/admin").ok().text().contains("backed up"));

    // A file is in the way of the directory.
    let aside = place.path().join("aside");
    eventually("the directory is moved", || std::fs::rename(&dir, &aside).is_ok());
    std::fs::write(&dir, "in the way").unwrap();
    eventually("a failure", || status()["problem"].as_str().is_some_and(|problem| !problem.is_empty()));
    registry.cli(["status"]).ok().prints("the last try failed: ");
    assert!(registry.get("/metrics").ok().text().contains("registry_backup_failures_total "));
    assert!(registry.get("/readyz?verbose").ok().text().contains("the last try failed"));
    assert!(registry.get("/admin").ok().text().contains("backup failed"));
    assert!(registry.log().contains("could not make a backup"));
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let _ = std::fs::remove_file(&dir);
    std::fs::create_dir(&dir).unwrap();
    eventually("the next try succeeds", || status()["problem"] == "");
}

#[test]
fn a_damaged_store_makes_no_backup_and_removes_none() {
    let place = tempfile::tempdir().unwrap();
    let (data, dir) = (place.path().join("data"), place.path().join("backups"));
    let mut registry = Registry::with(|options| {
        options.keep(&data, None);
        options.flag("backup-dir", dir.to_str().unwrap()).flag("backup-every", "1s").flag("backup-keep", "2");
    });
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let before = backups(&dir);
    eventually("two later backups", || backups(&dir).iter().filter(|name| !before.contains(name)).count() >= 2);
    damage(&data, "blobs", "content");
    let status = || registry.cli(["status", "--json"]).ok().json()["backup"].clone();
    eventually("the damage is found", || {
        status()["problem"].as_str().is_some_and(|why| why.contains("so no backup was made"))
    });
    let good = backups(&dir);
    let failures = || -> u64 {
        let metrics = registry.get("/metrics").ok().text();
        let line = metrics.lines().find_map(|line| line.strip_prefix("registry_backup_failures_total ")).unwrap();
        line.parse().unwrap()
    };
    eventually("more tries than backups are kept", || failures() >= 4);
    assert_eq!(backups(&dir), good, "no backup is removed for a damaged one");
    assert!(dir.join("registry-damaged.db").exists());
    assert!(registry.get("/readyz?verbose").ok().text().contains("the last try failed"));
    assert!(registry.log().contains("could not make a backup"));
    registry.stop();
    let restored = place.path().join("restored");
    run(registry_command(place.path()).arg("restore").arg(dir.join(good.last().unwrap())).arg(&restored)).ok();
    let damaged = dir.join("registry-damaged.db");
    run(registry_command(place.path()).arg("restore").arg(damaged).arg(place.path().join("other"))).refused();
}

#[test]
fn a_server_whose_backups_have_no_place_does_not_start() {
    let place = tempfile::tempdir().unwrap();
    let inside = place.path().join("data/backups");
    let mut command = registry_command(place.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(place.path().join("data"));
    run(command.arg("--backup-dir").arg(&inside)).could_not_run().says("is in the data directory");
    assert!(!inside.exists());
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = |flag: &str, value: &str| {
        let mut command = registry_command(place.path());
        command.args(["serve", "--ephemeral", "--listen", "127.0.0.1:0"]).arg(format!("--{flag}")).arg(value);
        run(&mut command).fails()
    };
    refused("backup-dir", file.join("below").to_str().unwrap()).says(file.to_str().unwrap());
    refused("backup-every", "often").says("is not a span; write for example 30m, 6h or 1d");
    let registry = Registry::start();
    assert!(registry.get("/readyz?verbose").ok().text().contains("none is made by the server"));
}
