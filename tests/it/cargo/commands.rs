//! Every command of the real cargo that meets the registry.

use crate::support::{Consumer, Module, Pushed, Registry, Transcript, run_with_input};

const PROST: &str = "acme_pets_community_neoeinstein-prost";
const PLUGIN: &str = "community/neoeinstein-prost";
const TOKEN: &str = "CARGO_REGISTRIES_BUF_TOKEN";

const LICENCE: &str = include_str!("../../fixtures/edge/money/LICENSE");

/// The module with a message of this name.
fn pets(message: &str) -> Module {
    let text = format!("syntax = \"proto3\";\npackage pets;\nmessage {message} {{ int32 legs = 1; }}\n");
    Module::new("acme/pets").file("pets.proto", text).file("LICENSE", LICENCE)
}

fn version(pushed: &Pushed) -> &str {
    &pushed.sdk(PLUGIN).version
}

/// A program that needs the message.
fn uses(message: &str) -> String {
    format!(
        "fn main() {{ println!(\"{{:?}}\", acme_pets_community_neoeinstein_prost::pets::{message} {{ legs: 4 }}); }}"
    )
}

fn login(consumer: &Consumer, token: &str) -> Transcript {
    run_with_input(consumer.command().args(["login", "--registry", "buf"]), token)
}

#[test]
fn a_login_is_used_until_the_logout() {
    let registry = Registry::start();
    pets("Dog").push(&registry);
    let consumer = Consumer::new(&registry).without(TOKEN);
    let info = || consumer.cargo(["info", "--registry", "buf", PROST]);
    info().fails().says("cargo login");
    login(&consumer, &format!("Bearer {}\n", registry.token)).ok();
    assert!(consumer.read("home/credentials.toml").contains(&registry.token));
    info().ok();
    consumer.cargo(["logout", "--registry", "buf"]).ok();
    info().fails().says("cargo login");
    login(&consumer, "Bearer reg_000000000000000000000000000000000000000000000000\n").ok();
    info().fails().says("token rejected for `buf`").says("the token is unknown");
}

#[test]
fn info_and_search_show_what_a_crate_is() {
    let registry = Registry::start();
    let pushed = pets("Dog").push(&registry);
    let consumer = Consumer::new(&registry);
    let info = consumer.cargo(["info", "--registry", "buf", PROST]).ok();
    let info = info.prints(PROST).prints(version(&pushed)).prints("acme/pets").prints("license: MIT");
    info.prints("rust-version: 1.").prints("repository: ");
    let found = consumer.cargo(["search", "--registry", "buf", "pets"]).ok();
    let line = found.stdout.lines().find(|line| line.starts_with(PROST)).unwrap_or_else(|| panic!("{found}"));
    assert!(line.contains(&format!("= \"{}\"", version(&pushed))), "{line}");
    let nothing = consumer.cargo(["search", "--registry", "buf", "zebras"]).ok();
    assert_eq!(nothing.stdout, "");
}

#[test]
fn an_update_sees_the_next_push_and_a_lock_keeps_the_old_one() {
    let registry = Registry::start();
    let first = pets("Dog").push(&registry);
    let consumer = Consumer::new(&registry).file("src/main.rs", &uses("Dog"));
    consumer.add(PROST);
    let second = pets("Cat").push(&registry);
    consumer.cargo(["build", "--quiet", "--locked"]).ok();
    assert_eq!(consumer.locked(PROST), version(&first));

    let cold = Consumer::new(&registry).file("src/main.rs", &uses("Dog"));
    cold.write("Cargo.toml", &consumer.read("Cargo.toml"));
    cold.write("Cargo.lock", &consumer.read("Cargo.lock"));
    cold.cargo(["build", "--quiet", "--locked"]).ok();

    consumer.cargo(["update"]).ok().says(version(&second));
    assert_eq!(consumer.locked(PROST), version(&second));
    consumer.cargo(["update", PROST, "--precise", version(&first)]).ok();
    assert_eq!(consumer.locked(PROST), version(&first));
    consumer.cargo(["update"]).ok();
    consumer.write("src/main.rs", &uses("Cat"));
    consumer.build();
}

#[test]
fn what_was_fetched_builds_without_the_registry() {
    let mut registry = Registry::start();
    pets("Dog").push(&registry);
    let consumer = Consumer::new(&registry).file("src/main.rs", &uses("Dog"));
    consumer.add(PROST);
    consumer.cargo(["build", "--offline"]).fails();
    consumer.cargo(["fetch"]).ok();
    registry.stop();
    consumer.cargo(["build", "--offline", "--locked", "--quiet"]).ok();
    consumer.build();
    consumer.run().prints("Dog { legs: 4 }");
}

#[test]
fn what_was_vendored_builds_without_the_registry_and_its_cache() {
    let mut registry = Registry::start();
    let service = "syntax = \"proto3\";\npackage pets;\nimport \"google/protobuf/empty.proto\";\n\
                   service Kennel { rpc Open(google.protobuf.Empty) returns (google.protobuf.Empty); }\n";
    pets("Dog").file("kennel.proto", service).push(&registry);
    let consumer = Consumer::new(&registry).file("src/main.rs", &uses("Dog"));
    // Tonic's crate depends on prost's, through the index that is written into it.
    consumer.add(PROST).add("acme_pets_community_neoeinstein-tonic");
    // As other consumers have them, so that they are compiled for all at once.
    consumer.add_public("tonic", "").add_public("tokio", "macros,net,rt-multi-thread");
    let vendored = consumer.cargo(["vendor", "--locked", "--respect-source-config"]).ok();
    registry.stop();
    // What comes from crates.io stays where it was compiled before.
    let public = "[source.crates-io]\nreplace-with = \"vendored-sources\"\n";
    assert!(vendored.stdout.contains(public), "{vendored}");
    let config = consumer.read("home/config.toml") + &vendored.stdout.replace(public, "");
    std::fs::remove_dir_all(consumer.path("home")).unwrap();
    consumer.write("home/config.toml", &config);
    consumer.cargo(["build", "--offline", "--locked", "--quiet"]).ok();
    consumer.run().prints("Dog { legs: 4 }");
}

#[test]
fn another_spelling_is_translated_and_a_mistyped_module_is_explained() {
    let registry = Registry::start();
    pets("Dog").push(&registry);
    let consumer = Consumer::new(&registry);
    let add = |name: &str| consumer.cargo(["add", "--registry", "buf", name]);
    add("acme-pets-community-neoeinstein-prost").ok().says("translating").says(PROST);
    assert!(consumer.read("Cargo.toml").contains(&format!("{PROST} = ")));
    add("acme_pest_community_neoeinstein-prost").fails().says("did you mean acme/pets?");
    add("acme_pets_community_neoeinstein-prots").fails().says("try community/neoeinstein-prost");
}

#[test]
fn what_cargo_would_change_is_refused_with_the_right_way() {
    let registry = Registry::start();
    let pushed = pets("Dog").push(&registry);
    let consumer = Consumer::new(&registry);
    let yanked = format!("--version={}", version(&pushed));
    let publish: &[&str] = &["publish", "--allow-dirty", "--no-verify"];
    for command in [publish, &["yank", &yanked, PROST], &["owner", "--list", PROST], &["owner", "--add", "me", PROST]] {
        let refused = consumer.cargo(command.iter().copied().chain(["--registry", "buf"])).fails();
        refused.says("crates of this registry are generated: push the Protobuf module instead");
    }
}

#[test]
fn an_exact_requirement_stays_and_an_open_one_follows() {
    let registry = Registry::start();
    let first = pets("Dog").push(&registry);
    let (pinned, open) = (Consumer::new(&registry), Consumer::new(&registry));
    pinned.add(&format!("{PROST}@={}", version(&first)));
    open.add(&format!("{PROST}@0.5.0-0"));
    let second = pets("Cat").push(&registry);
    for consumer in [&pinned, &open] {
        consumer.cargo(["update"]).ok();
    }
    assert_eq!(pinned.locked(PROST), version(&first));
    assert_eq!(open.locked(PROST), version(&second));
}

#[test]
fn the_version_of_a_label_has_to_be_pinned() {
    let registry = Registry::start();
    let released = pets("Dog").push(&registry);
    let next = pets("Cat").argument("--label=next").push(&registry);
    assert!(version(&next).starts_with("0.5.0-00000000000000-"), "{}", version(&next));
    let (pinned, plain, loose) = (Consumer::new(&registry), Consumer::new(&registry), Consumer::new(&registry));
    pinned.add(&format!("{PROST}@={}", version(&next)));
    plain.add(PROST);
    loose.add(&format!("{PROST}@{}", version(&next)));
    assert_eq!(pinned.locked(PROST), version(&next));
    assert_eq!(plain.locked(PROST), version(&released), "a label build is never the newest");
    assert_eq!(loose.locked(PROST), version(&released), "a caret leads from a label to the default one");
    pinned.write("src/main.rs", &uses("Cat"));
    pinned.build();
}
