//! `registry migrate`: a registry in a data directory becomes one on a server, and back, byte for byte.

use std::path::Path;

use crate::support::{Database, Module, Registry, Transcript, kennel, pets, registry_command, run};

const SHOP: &str = "acme_shop_community_neoeinstein-prost";

fn migrate(from: &str, to: &str) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    run(registry_command(home.path()).args(["migrate", "--from", from, "--to", to]))
}

/// What cargo and people get of a registry: pages, and the digests of crates.
fn shown(registry: &Registry) -> Vec<(String, String)> {
    let mut shown = vec![];
    for name in ["acme_pets_community_neoeinstein-prost", "acme_pets_community_neoeinstein-tonic", SHOP] {
        let page = format!("/gen/cargo/ac/me/{name}");
        let lines = registry.get(&page).ok().text();
        for line in lines.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let path = format!("/gen/cargo/api/v1/crates/{name}/{}/download", line["vers"].as_str().unwrap());
            let digest = registry::model::Sha256Digest::of(&registry.get(&path).ok().body);
            shown.push((path, digest.to_string()));
        }
        shown.push((page, lines));
    }
    for command in [&["label", "list", "acme/pets"][..], &["webhook", "list", "acme/pets"], &["module", "list"]] {
        shown.push((command.join(" "), registry.cli(command).ok().stdout));
    }
    shown
}

fn serve(directory: &Path, token: Option<&str>, store: Option<&str>) -> Registry {
    Registry::with(|options| {
        options.keep(directory, token).flag("webhook-allow", "127.0.0.0/8");
        if let Some(store) = store {
            options.flag("store", store);
        }
    })
}

fn end(mut registry: Registry) {
    registry.signal("TERM");
    assert!(registry.process().wait().unwrap().success());
}

#[test]
fn a_registry_is_moved_to_a_server_and_back_byte_for_byte() {
    let (data, away, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (database, before) = (Database::new(), data.path().display().to_string());
    let first = serve(data.path(), None, None);
    let token = first.token.clone();
    for field in ["name", "age", "weight"] {
        Module::new("acme/pets").file("pets.proto", kennel(field)).push(&first);
    }
    Module::new("acme/pets").file("pets.proto", kennel("next")).argument("--label=next").push(&first);
    Module::new("acme/shop")
        .file("shop.proto", "syntax = \"proto3\"; package shop; message Shop { bool open = 1; }")
        .push(&first);
    first.cli(["webhook", "create", "acme/pets", "--url", "http://127.0.0.1:9/", "--event", "push"]).ok();
    let expected = shown(&first);
    let told = migrate(&before, database.address()).could_not_run();
    assert!(told.stderr.contains("in use") || told.stderr.contains("another registry"), "{told}");
    end(first);

    let told = migrate(&before, database.address()).ok();
    told.prints("holds 5 commits and ").prints("goes on with it");
    let moved = serve(away.path(), Some(&token), Some(database.address()));
    assert_eq!(shown(&moved), expected);
    moved.cli(["verify", "--store", database.address()]).ok();
    moved.cli(["audit", "--action", "store.migrate"]).ok().prints(&before);
    // It goes on: numbers of new rows are new, and the search finds what was pushed before.
    let pushed = Module::new("acme/pets").file("pets.proto", kennel("of_the_server")).push(&moved);
    assert_eq!(pushed.sdks.len(), 2);
    crate::support::eventually("the search index is made again", || {
        moved.cli(["search", "Kennel"]).stdout.contains("acme.pets.v1.Kennel")
    });
    let expected = shown(&moved);
    let target = back.path().join("registry").display().to_string();
    migrate(database.address(), &target).could_not_run().says("is served; stop all servers on it first");
    end(moved);
    migrate(database.address(), &before).could_not_run().says("already exists");
    migrate(database.address(), &target).ok();
    let home = serve(Path::new(&target), Some(&token), None);
    assert_eq!(shown(&home), expected);
    home.cli(["verify", "--data-dir", &target]).ok();
    end(home);
    migrate(&target, database.address()).could_not_run().says("already exists");
}

#[test]
fn a_move_that_was_interrupted_goes_on_and_is_not_served_before() {
    let (data, database) = (tempfile::tempdir().unwrap(), Database::new());
    let first = serve(data.path(), None, None);
    let token = first.token.clone();
    for number in 0..6 {
        Module::new(&format!("acme/pets{number}")).file("pets.proto", pets("name")).push(&first);
    }
    end(first);
    // What a database is that takes no more: the table of crates is full.
    let from = data.path().display().to_string();
    let mut beside = database.connect();
    let fails = "CREATE FUNCTION fail() RETURNS EVENT_TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                     IF EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'unfinished_copy') THEN
                         CREATE OR REPLACE FUNCTION full_disk() RETURNS TRIGGER LANGUAGE plpgsql AS
                             'BEGIN RAISE EXCEPTION ''no room'' USING ERRCODE = ''53100''; END';
                         IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'full_disk') THEN
                             CREATE TRIGGER full_disk BEFORE INSERT ON crate_blobs EXECUTE FUNCTION full_disk();
                         END IF;
                     END IF;
                 END $$;
                 CREATE EVENT TRIGGER fails ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION fail()";
    beside.batch_execute(fails).unwrap();
    migrate(&from, database.address()).fails();
    let commits: i64 = beside.query_one("SELECT count(*) FROM commits", &[]).unwrap().get(0);
    assert_eq!(commits, 6, "a part of it is there");
    let home = tempfile::tempdir().unwrap();
    let serve_it = ["serve", "--listen", "127.0.0.1:0", "--data-dir", "data", "--store", database.address()];
    run(registry_command(home.path()).args(serve_it)).could_not_run().says("`registry migrate` was interrupted");
    let other = tempfile::tempdir().unwrap();
    end(serve(other.path(), None, None));
    migrate(other.path().to_str().unwrap(), database.address()).could_not_run().says(&format!("a part of {from}"));
    beside.batch_execute("DROP EVENT TRIGGER fails; DROP TRIGGER full_disk ON crate_blobs").unwrap();
    migrate(&from, database.address()).ok().prints("holds 6 commits");
    let away = tempfile::tempdir().unwrap();
    serve(away.path(), Some(&token), Some(database.address())).is_well();
}

#[test]
fn a_move_into_a_directory_that_was_interrupted_is_served_by_nobody_and_goes_on() {
    let (data, away, database) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Database::new());
    let first = serve(data.path(), None, Some(database.address()));
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&first);
    end(first);
    let to = away.path().display().to_string();
    // What a move leaves that was interrupted at its very beginning.
    let unfinished = away.path().join(".registry-migrate");
    std::fs::create_dir(&unfinished).unwrap();
    std::fs::write(unfinished.join("source"), database.address()).unwrap();
    let refused = |command: &[&str]| {
        let home = tempfile::tempdir().unwrap();
        let mut run_it = registry_command(home.path());
        run_it.args(command).arg("--data-dir").arg(away.path());
        run(&mut run_it).could_not_run()
    };
    refused(&["serve", "--listen", "127.0.0.1:0"]).says("`registry migrate` was interrupted");
    refused(&["token", "list"]).says("`registry migrate` was interrupted");
    let other = Database::new();
    end(serve(tempfile::tempdir().unwrap().path(), None, Some(other.address())));
    migrate(other.address(), &to).could_not_run().says("holds a part of");
    migrate(database.address(), &to).ok().prints("holds 1 commits");
}

#[test]
fn places_that_hold_nothing_or_cannot_are_named() {
    let (empty, database) = (tempfile::tempdir().unwrap(), Database::new());
    let nothing = empty.path().display().to_string();
    migrate(&nothing, database.address()).could_not_run().says("holds no registry");
    migrate(database.address(), &nothing).could_not_run().says("holds no registry");
    migrate("mysql://db/acme", database.address()).could_not_run().says("holds no registry");
    migrate(&nothing, "postgres://db/acme").could_not_run();
}
