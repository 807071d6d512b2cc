//! `[[mirror]]`: the server takes modules of other registries in by itself.

use crate::support::{Module, Registry, eventually, pets, registry_command, run};

/// A registry that mirrors acme/pets of `source`, with these labels, every second.
fn mirroring(source: &Registry, labels: &str) -> Registry {
    let file = source.home().join("mirrors.toml");
    let (host, url) = (source.host(), &source.url);
    let table =
        format!("[[mirror]]\nmodule = \"{host}/acme/pets\"\nevery = \"1s\"\nfrom = \"{url}\"\nlabels = [{labels}]\n");
    std::fs::write(&file, table).unwrap();
    Registry::with(|options| {
        options.flag("config", file.to_str().unwrap()).variable("REGISTRY_SOURCE_TOKEN", &source.token);
    })
}

fn status(registry: &Registry) -> serde_json::Value {
    registry.cli(["status", "--json"]).ok().json()["mirrors"][0].clone()
}

#[test]
fn modules_of_other_registries_are_taken_in_on_a_schedule() {
    let mut source = Registry::start();
    let push = |field: &str, label: &str| {
        Module::new("acme/pets").file("pets.proto", pets(field)).argument(&format!("--label={label}")).push(&source)
    };
    let first = push("first", "main");
    let copy = mirroring(&source, "\"main\", \"next\"");
    let has = |commit: &str| copy.get(&format!("/acme/pets/raw/{commit}/pets.proto")).status == 200;
    // There is no label of that name yet.
    eventually("a failure is told", || status(&copy)["problem"].as_str().is_some_and(|problem| !problem.is_empty()));
    let second = push("second", "next");
    eventually("both are there", || has(&first.commit) && has(&second.commit));
    eventually("it is told", || status(&copy)["problem"] == "" && status(&copy)["tried"].is_string());
    let third = push("third", "main");
    eventually("the next is there", || has(&third.commit));
    let version =
        |registry: &Registry, label: &str| registry.cli(["sdk", "version", "acme/pets", "--label", label]).ok().stdout;
    for label in ["main", "next"] {
        eventually("its crate is there", || copy.cli(["sdk", "version", "acme/pets", "--label", label]).succeeded());
        assert_eq!(version(&copy, label), version(&source, label), "{label}");
    }
    copy.cli(["status"]).ok().prints("acme/pets: up to date at 20");
    source.stop();
    eventually("a failure is told", || status(&copy)["problem"].as_str().is_some_and(|problem| !problem.is_empty()));
    copy.cli(["status"]).ok().prints("acme/pets: failed at 20");
    assert!(copy.log().contains("could not mirror"));
    assert!(has(&third.commit));
    assert_eq!(copy.get("/readyz").status, 200);
}

#[test]
fn a_table_that_is_wrong_is_told_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("r.toml");
    std::fs::write(&file, "[[mirror]]\nmodule = \"buf.build/acme/pets\"\nevery = \"often\"\n").unwrap();
    let mut command = registry_command(home.path());
    command.args(["serve", "--ephemeral", "--config"]).arg(&file);
    run(&mut command).fails().says("r.toml:3: [[mirror]]: \"often\" is not a span; write for example 30m, 6h or 1d");
}
