//! `registry plugin install`: versions of plugins that are not built in. `make crates` installs real ones.

use crate::support::{Module, Programs, Registry, pets, registry_command, run};

const PLUGIN: &str = "anthropics/buffa:v0.9.1";

/// A program that is called as cargo and puts the plugin `HERE/buffa` where cargo would put what it has built.
const CARGO: &str = r#"echo "$@" >HERE/arguments
while [ "$1" != --root ]; do shift; done
mkdir -p "$2/bin" && cp HERE/buffa "$2/bin/protoc-gen-buffa""#;

#[test]
fn an_installed_version_is_offered_from_the_next_start_on() {
    let data = tempfile::tempdir().unwrap();
    let start = |token: Option<&str>| {
        Registry::with(|options| {
            options.keep(data.path(), token);
        })
    };
    let registry = start(None);
    let token = registry.token.clone();
    let asked = registry.cli(["sdk", "version", "acme/pets", "--plugin", PLUGIN]).refused();
    asked.says(
        "plugin anthropics/buffa:v0.9.1 is not installed here; `registry plugin install anthropics/buffa:v0.9.1`",
    );

    let programs = Programs::new().answering("buffa", &[("acme.pets.v1.rs", "pub struct Dog;\n")], "");
    let cargo = programs.program("cargo", CARGO);
    let mut install = registry.command();
    install.args(["plugin", "install", PLUGIN, "--data-dir"]).arg(data.path()).arg("--cargo").arg(cargo);
    run(&mut install).ok().says("the server offers it from its next start on");
    let again = run(install.arg("--json")).ok().says("plugin anthropics/buffa:v0.9.1 is installed already").json();
    assert_eq!(again["plugin"], PLUGIN);
    assert!(again["program"].as_str().unwrap().ends_with("protoc-gen-buffa"), "{again}");
    let arguments = std::fs::read_to_string(programs.path("arguments")).unwrap();
    assert!(arguments.starts_with("install --locked --version 0.9.1 --root "), "{arguments}");
    drop(registry);

    let registry = start(Some(&token));
    registry.cli(["plugin", "list"]).ok().prints("v0.9.1");
    Module::new("acme/pets").file("acme/pets/v1/pets.proto", pets("name")).push(&registry);
    registry.cli(["sdk", "generate", "acme/pets", "--plugin", PLUGIN]).ok();
    let index = registry.get("/gen/cargo/ac/me/acme_pets_anthropics_buffa").ok().text();
    assert!(index.contains("0.9.1-") && index.contains("\"buffa-descriptor\""), "{index}");
}

#[test]
fn what_cannot_be_installed_is_told_and_nothing_is_left() {
    let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let programs = Programs::new();
    let fails = programs.program("fails", "echo 'error: no such crate' >&2; exit 101");
    let empty = programs.program("empty", "exit 0");
    let install = |plugin: &str, cargo: &std::path::Path| {
        let mut install = registry_command(home.path());
        install.args(["plugin", "install", plugin, "--data-dir"]).arg(data.path()).arg("--cargo").arg(cargo);
        run(&mut install)
    };
    install("anthropics/buffa:v0.9.2", &empty)
        .refused()
        .says("is built into this program; there is nothing to install");
    install("anthropics/buffa", &empty).refused().says("is built into this program");
    install("acme/dto:v1.0.0", &empty).refused().says("these are anthropics/buffa:v0.7.0, ");
    install(PLUGIN, &fails)
        .could_not_run()
        .says("could not install protoc-gen-buffa 0.9.1: cargo ended with exit status: 101");
    install(PLUGIN, &empty).could_not_run().says("the crate has no executable of the expected name");
    install(PLUGIN, "no-such-cargo".as_ref()).could_not_run().says("install Rust, or name cargo with --cargo");
    assert_eq!(std::fs::read_dir(data.path().join("plugins")).unwrap().count(), 0);
}
