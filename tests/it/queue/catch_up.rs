//! A newer program makes the crates of its newer plugins for all interests.

use crate::support::{Module, Programs, Registry, eventually, pets};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_acme_dto";

fn start(programs: &Programs, data: &std::path::Path, token: Option<&str>) -> Registry {
    let config = programs.path("registry.toml");
    Registry::with(|options| {
        options.flag("config", config.to_str().unwrap()).flag("eager-plugins", "").keep(data, token);
    })
}

#[test]
fn a_newer_plugin_is_caught_up_with_and_nothing_published_changes() {
    let programs = Programs::new().answering("dto", &[("acme.pets.v1.rs", "pub struct Dog;")], "");
    let (config, data) = (programs.config(), tempfile::tempdir().unwrap());
    let mut older = start(&programs, data.path(), None);
    let pushed = Module::new("acme/pets").file("acme/pets/v1/pets.proto", pets("name")).push(&older);
    let before = older.get(INDEX).ok().text();
    assert!(before.lines().count() == 1 && before.contains("\"1.0.0-2"), "{before}");
    older.stop();

    let plugins = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{plugins}{}", plugins.replace("v1.0.0", "v1.1.0"))).unwrap();
    let newer = start(&programs, data.path(), Some(&older.token));
    // Nobody asks for it again before it is there.
    let is_served = |version: &str| {
        let listed = newer.cli(["sdk", "list", "acme/pets"]).ok().stdout;
        listed.lines().any(|line| line.contains(version) && line.contains(" served"))
    };
    eventually("the newer plugin's crate is made in the background", || is_served(" 1.1.0-2"));
    assert!(is_served(" 1.0.0-2"));
    let after = newer.get(INDEX).ok().text();
    let added = after.strip_prefix(&before).expect("the line that was there");
    assert!(added.contains("\"1.1.0-2") && added.contains(&pushed.commit[..12]), "{after}");
}
