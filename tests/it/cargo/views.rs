//! Views of the index: one in which a label is the newest release, and one as of a moment.

use std::time::Duration;

use crate::support::{Consumer, Module, Pushed, Registry};

const PROST: &str = "acme_pets_community_neoeinstein-prost";
const TONIC: &str = "acme_pets_community_neoeinstein-tonic";
const SHOP: &str = "acme_shop_community_neoeinstein-prost";
const INDEX: &str = "CARGO_REGISTRIES_BUF_INDEX";

fn pets(message: &str) -> Module {
    let text = format!(
        "syntax = \"proto3\";\npackage pets;\nmessage Dog {{}}\nmessage {message} {{}}\n\
         service Kennel {{ rpc Open({message}) returns ({message}); }}\n"
    );
    Module::new("acme/pets").file("pets.proto", text)
}

/// A module that imports the other.
fn shop(registry: &Registry) {
    let text = "syntax = \"proto3\";\npackage shop;\nimport \"pets.proto\";\nmessage Sale { pets.Dog dog = 1; }\n";
    let config = "version: v2\ndeps: [localhost/acme/pets]\n";
    Module::new("acme/shop").file("shop.proto", text).file("buf.yaml", config).push(registry);
}

fn view(registry: &Registry, name: &str) -> String {
    format!("{}@{name}/", registry.cargo_index)
}

fn short(pushed: &Pushed) -> &str {
    &pushed.commit[..12]
}

#[test]
fn in_the_view_of_a_label_its_head_is_the_newest_release() {
    let registry = Registry::start();
    pets("Old").push(&registry);
    shop(&registry);
    let next = pets("Cat").argument("--label=next").push(&registry);
    // A release after the label.
    let latest = pets("New").push(&registry);

    let consumer = Consumer::new(&registry);
    consumer.add(PROST).add(TONIC).add(SHOP);
    assert!(consumer.locked(PROST).contains(short(&latest)));
    // The same project, with requirements on releases, in the view.
    let consumer = consumer.with(INDEX, &view(&registry, "next"));
    consumer.write("src/main.rs", "fn main() { _ = acme_pets_community_neoeinstein_prost::pets::Cat {}; }\n");
    consumer.cargo(["fetch"]).ok();
    let head = consumer.locked(PROST);
    assert!(head.starts_with("0.5.0-99") && head.contains(short(&next)), "{head}");
    // Stubs and messages are of one commit, and a crate of another module takes it too.
    assert_eq!(consumer.locked(TONIC), head);
    assert_eq!(consumer.read("Cargo.lock").matches(&format!("name = \"{PROST}\"")).count(), 1);
    assert!(consumer.locked(SHOP).starts_with("0.5.0-2"));
    consumer.cargo(["check", "--locked", "--quiet"]).ok();

    // The label moves on: what is locked holds, and an update takes the new head.
    let newer = pets("Cow").argument("--label=next").push(&registry);
    std::fs::remove_dir_all(consumer.path("home/registry")).unwrap();
    consumer.cargo(["fetch", "--locked"]).ok();
    consumer.cargo(["update"]).ok();
    assert!(consumer.locked(PROST).contains(short(&newer)) && consumer.locked(TONIC) == consumer.locked(PROST));
    registry.is_well();
}

#[test]
fn the_view_of_a_label_is_the_index_where_a_module_has_no_such_label() {
    let registry = Registry::start();
    let pushed = pets("Cat").push(&registry);
    let consumer = Consumer::new(&registry).with(INDEX, &view(&registry, "release%2F1.0"));
    consumer.add(PROST);
    assert_eq!(consumer.locked(PROST), pushed.sdk("community/neoeinstein-prost").version);
    pets("Cow").argument("--label=release/1.0").push(&registry);
    consumer.cargo(["update"]).ok();
    assert!(consumer.locked(PROST).starts_with("0.5.0-99"));
    // A crate of the view is for those who may read its module.
    let path = format!("/gen/cargo/@release%2F1.0/api/v1/crates/{PROST}/{}/download", consumer.locked(PROST));
    assert_eq!(registry.get(&path).status, 200);
    let stranger = format!("authorization: Bearer {}", registry.user_token("stranger"));
    assert_eq!(crate::support::http::send(&registry.url, "GET", &path, vec![stranger], &[]).status, 404);
    assert_eq!(crate::support::http::send(&registry.url, "GET", &path, vec![], &[]).status, 401);
}

#[test]
fn the_view_of_a_moment_resolves_to_what_was_published_by_then() {
    let registry = Registry::start();
    let old = pets("Old").push(&registry);
    let page = registry.get(&format!("/gen/cargo/ac/me/{PROST}")).ok().text();
    let line: serde_json::Value = serde_json::from_str(page.trim()).unwrap();
    // Times have seconds.
    std::thread::sleep(Duration::from_millis(1100));
    let new = pets("New").push(&registry);

    let locked = |name: &str| {
        let consumer = Consumer::new(&registry).with(INDEX, &view(&registry, name));
        consumer.add(TONIC);
        assert_eq!(consumer.locked(PROST), consumer.locked(TONIC));
        consumer.locked(PROST)
    };
    let version = |pushed: &Pushed| pushed.sdk("community/neoeinstein-prost").version.clone();
    assert_eq!(locked("2099-01-01"), version(&new));
    let stubs = registry.get(&format!("/gen/cargo/ac/me/{TONIC}")).ok().text();
    let stubs: serde_json::Value = serde_json::from_str(stubs.lines().next().unwrap()).unwrap();
    let then = line["pubtime"].as_str().unwrap().max(stubs["pubtime"].as_str().unwrap()).to_owned();
    assert_eq!(locked(&then), version(&old));

    let before = Consumer::new(&registry).with(INDEX, &view(&registry, "2020-02-29"));
    let refused = before.cargo(["add", "--registry", "buf", PROST]);
    refused.fails().says("had no versions as of 2020-02-29");
    let nonsense = Consumer::new(&registry).with(INDEX, &view(&registry, "2026-13-01"));
    nonsense.cargo(["add", "--registry", "buf", PROST]).fails().says("name a label (@next), a day (@2026-11-01)");
}
