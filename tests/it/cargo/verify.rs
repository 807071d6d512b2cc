//! `verify = "check"`: crates that do not compile are not published.

use crate::support::{Module, Programs, Registry, cargo_home, pets, registry_command, run};

const TYPES: &str = "pub struct Dog;\n\npub fn age() -> u32 {\n    \"three\"\n}\n";

const FINE: &str = "#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Dog {
    #[prost(string, tag = \"1\")]
    pub name: ::prost::alloc::string::String,
}
";

const PROST: &str = "deps = [{ name = \"prost\", requirement = \"0.14.1\" }]\n";

const SHOP: &str = "syntax = \"proto3\";
package acme.shop.v1;
import \"acme/pets/v1/pets.proto\";

message Receipt { acme.pets.v1.Dog dog = 1; }
";

#[test]
fn only_crates_that_compile_are_published() {
    let programs = Programs::new().answering("fine", &[("acme.pets.v1.rs", FINE)], PROST).answering(
        "wrong",
        &[("acme.pets.v1.rs", TYPES)],
        "",
    );
    let (config, home) = (programs.config(), cargo_home());
    let eager = "community/neoeinstein-prost,local/prost-serde";
    let registry = Registry::with(|options| {
        options.flag("config", &config).flag("verify", "check").flag("push-wait", "300");
        options.flag("verify-cargo", env!("CARGO")).flag("verify-cargo-home", home.path().to_str().unwrap());
        options.flag("eager-plugins", eager);
    });
    let plugins = "version: v1\nplugins: [acme/fine, acme/wrong, local/prost-serde]\n";
    let pushed = Module::new("acme/pets")
        .file("acme/pets/v1/pets.proto", pets("name"))
        .file("registry.yaml", plugins)
        .push(&registry);
    pushed.sdk("acme/fine");
    let said = pushed.failure("acme/wrong");
    assert!(
        said.starts_with("the crate does not compile; `cargo check` says:\nerror[E0308]: mismatched types"),
        "{said}"
    );
    assert!(said.contains("acme.pets.v1.rs:4"), "{said}");
    let page = registry.get("/acme/pets/sdks/main:acme/fine").ok().text();
    assert!(page.contains("by cargo 1."), "{page}");
    // One that builds on crates of another module, and of its own commit.
    let yaml = "version: v1\nname: localhost/acme/shop\ndeps: [localhost/acme/pets]\n";
    let shop = Module::new("acme/shop").file("buf.yaml", yaml).file("acme/shop/v1/shop.proto", SHOP).push(&registry);
    shop.sdk("community/neoeinstein-prost");
    shop.sdk("local/prost-serde");
    assert_eq!(registry.log().matches("SDK failed").count(), 1);
}

#[test]
fn a_server_that_could_not_check_does_not_start() {
    let serve = |arguments: &[&str]| {
        let home = tempfile::tempdir().unwrap();
        let mut command = registry_command(home.path());
        run(command.args(["serve", "--ephemeral", "--listen", "127.0.0.1:0"]).args(arguments)).could_not_run()
    };
    serve(&["--verify", "check", "--verify-cargo", "no-such-cargo"])
        .says("crates cannot be checked (setting `verify`): \"no-such-cargo\" was not found");
    serve(&["--verify", "yes"]).says("verify (from --verify): \"yes\" is not a way to verify crates; use check or off");
}
