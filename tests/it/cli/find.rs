//! Finding things: `registry search`, `registry open`, and what is wrong with `registry doctor`.

use serde_json::json;

use crate::support::{Module, Programs, Registry, kennel, pets, registry_command, run};

#[test]
fn modules_crates_and_types_are_found_by_name() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", kennel("name")).push(&registry);
    let found = registry.cli(["search", "pets", "--json"]).ok().json();
    let kinds: Vec<_> = found.as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["module", "crate", "crate", "message", "service", "package", "method", "file"], "{found}");
    let field = registry.cli(["search", "dog.name", "--json"]).ok().json();
    assert_eq!(field, json!([{ "kind": "field", "name": "acme.pets.v1.Dog.name", "note": "acme/pets" }]));
    registry.cli(["search", "dog"]).ok().prints("acme.pets.v1.Dog");
    registry.cli(["search", "cat"]).ok().says("nothing that you may read on").prints_exactly("");
    registry.cli(["search", ""]).refused().says("query is empty");
    let stranger = registry.user_token("sam");
    registry.cli(["search", "dog", "--token", &stranger]).ok().prints_exactly("");
}

#[test]
fn a_module_s_page_is_printed_where_no_browser_is() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.cli(["open", "acme/pets", "--print"]).ok().prints_exactly(&format!("{}/acme/pets", registry.url));
    registry.cli(["open", "acme/pest", "--print"]).refused().says("acme/pets");
    let mut alone = registry.command();
    run(alone.env("PATH", "/nowhere").arg("open")).ok().says("open the address above").prints(&registry.url);
}

#[test]
fn the_doctor_says_what_to_do() {
    let registry = Registry::start();
    let programs = Programs::new();
    let cargo = programs.program("cargo", "echo cargo 1.90.0");
    let with_cargo = |arguments: &[&str]| {
        let mut command = registry.command();
        run(command.env("PATH", cargo.parent().unwrap()).arg("doctor").args(arguments))
    };
    let healthy = with_cargo(&[]).ok();
    for line in ["server  ok", "ready   ok", "store   ok", "token   ok", "cargo   ok", "tls     ok", "clock   ok"] {
        assert!(healthy.stdout.contains(line), "{line}: {healthy}");
    }
    let stranger = with_cargo(&["--token", &format!("reg_{}", "0".repeat(48))]).refused();
    stranger.prints("server  ok").prints("token   FAILED").prints(&format!("registry login {}", registry.url));
    programs.program("cargo", "echo cargo 1.73.0");
    with_cargo(&[]).refused().prints("cargo   FAILED").prints("older than 1.74");
    let mut bare = registry.command();
    run(bare.env("PATH", "/nowhere").arg("doctor")).refused().prints("cargo   FAILED").prints("https://rustup.rs");
    let home = tempfile::tempdir().unwrap();
    let mut nowhere = registry_command(home.path());
    let nowhere = run(nowhere.args(["doctor", "--server", "http://127.0.0.1:1", "--json"])).refused();
    let found = nowhere.json();
    assert_eq!((&found["ok"], &found["checks"][0]["state"]), (&false.into(), &"failed".into()), "{found}");
    run(registry_command(home.path()).arg("doctor")).could_not_run().says("registry serve");
}

#[test]
fn the_doctor_tells_of_damage_and_of_a_server_that_is_not_ready() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::with(|options| _ = options.keep(&data.path().join("data"), None));
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let programs = Programs::new();
    let cargo = programs.program("cargo", "echo cargo 1.90.0");
    let doctor = || run(registry.command().env("PATH", cargo.parent().unwrap()).arg("doctor"));
    doctor().ok();
    let database = data.path().join("data/registry.db");
    let conn = rusqlite::Connection::open(&database).unwrap();
    conn.execute_batch("UPDATE blobs SET content = CAST(content || x'07' AS BLOB)").unwrap();
    drop(conn);
    registry.get(&format!("/acme/pets/raw/{}/pets.proto", pushed.commit)).is(500);
    doctor().refused().prints("store   FAILED").prints("registry verify");
    std::fs::remove_file(&database).unwrap();
    crate::support::eventually("the server is not ready", || registry.get("/readyz").status == 503);
    doctor().refused().prints("ready   FAILED");
}
