//! `registry compare` and `registry push --dry-run` on the terminal.

use serde_json::Value;

use crate::support::{Module, Registry, Transcript, pets};

const DOG: &str = "syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog { string name = 1; }\n";
/// The same with a change that breaks everything.
const OTHER_DOG: &str = "syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog { int32 name = 1; }\n";

/// A registry with acme/pets, and the directory of a change.
fn registry(change: &str) -> (Registry, Module) {
    let registry = Registry::start();
    Module::new("acme/pets").file("dog.proto", DOG).push(&registry);
    (registry, Module::new("acme/pets").file("dog.proto", change))
}

fn compare(registry: &Registry, sides: [&str; 2], more: &[&str]) -> Transcript {
    registry.cli([&["compare"], &sides[..], more].concat())
}

/// The rules of the findings.
fn rules(comparison: &Value) -> Vec<&str> {
    let findings = comparison["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn a_directory_is_compared_with_a_commit_before_it_is_pushed() {
    let (registry, change) = registry(OTHER_DOG);
    let directory = change.directory().to_str().unwrap();
    let compared = compare(&registry, ["acme/pets", directory], &["--json"]).ok().json();
    assert_eq!(rules(&compared), ["FIELD_SAME_TYPE", "FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"]);
    for category in ["file", "package", "wire_json", "wire", "rust"] {
        assert_eq!(compared["breaking"][category], 1, "{category}: {compared}");
    }
    let text = compare(&registry, ["acme/pets:main", directory], &[]).ok();
    text.prints("acme.pets.v1.Dog.name: type changed from string to int32 (wire: breaking, rust: breaking)")
        .prints("breaking: file 1, package 1, wire_json 1, wire 1, rust 1");
}

#[test]
fn the_exit_code_is_one_only_when_asked_for() {
    let (registry, change) = registry(&pets("title"));
    let directory = change.directory().to_str().unwrap();
    let sides = ["acme/pets", directory];
    compare(&registry, sides, &["--fail-on", "wire"]).ok();
    compare(&registry, sides, &["--fail-on", "wire,wire_json"]).refused().says("in wire_json");
    compare(&registry, sides, &["--fail-on", "rust"]).refused().says("in rust");
    compare(&registry, sides, &["--fail-on", "wired"]).could_not_run().says("wire_json");
}

#[test]
fn two_commits_are_compared_in_either_direction() {
    let (registry, change) =
        registry("syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog { string name = 1; string breed = 2; }\n");
    let next = change.argument("--label=next").push(&registry).commit;
    compare(&registry, ["acme/pets", "acme/pets:next"], &[]).ok().prints("field added").prints("nothing breaks");
    let back = compare(&registry, [&format!("acme/pets:{next}"), "acme/pets:main"], &["--json"]).ok().json();
    assert!(rules(&back).contains(&"FIELD_NO_DELETE"), "{back}");
    compare(&registry, ["acme/pets", "acme/pets"], &[]).ok().prints("no declaration changed");
    compare(&registry, ["acme/pets:nowhere", "acme/pets"], &[]).refused().says("nowhere");
    compare(&registry, ["acme/none", "acme/pets"], &[]).refused().says("acme/none");
}

#[test]
fn two_directories_need_no_name() {
    let (registry, change) = registry(OTHER_DOG);
    let old = Module::new("acme/pets").file("dog.proto", DOG);
    let side = |module: &Module| module.directory().to_str().unwrap().to_owned();
    let (before, after) = (side(&old), side(&change));
    compare(&registry, [&before, &after], &[]).ok().prints("acme.pets.v1.Dog.name: type changed");
    let named = change.file("buf.yaml", format!("version: v1\nname: {}/acme/dogs\n", registry.host()));
    let after = side(&named);
    compare(&registry, [&before, &after], &[]).ok().prints("acme.pets.v1.Dog.name: type changed");
    compare(&registry, [&after, &before], &[]).ok().prints("acme.pets.v1.Dog.name: type changed");
}

#[test]
fn the_section_of_buf_yaml_counts() {
    let (registry, change) = registry(OTHER_DOG);
    let change = change.file("buf.yaml", "version: v2\nbreaking:\n  except: [FIELD_SAME_TYPE]\n");
    let directory = change.directory().to_str().unwrap().to_owned();
    let found = |change: &Module, yaml: &str| {
        std::fs::write(change.directory().join("buf.yaml"), yaml).unwrap();
        let compared = compare(&registry, ["acme/pets", &directory], &["--json"]).ok().json();
        rules(&compared).len()
    };
    assert_eq!(found(&change, "version: v2\nbreaking:\n  except: [FIELD_SAME_TYPE]\n"), 2);
    assert_eq!(found(&change, "version: v2\nbreaking:\n  except: [WIRE, WIRE_JSON]\n"), 1);
    assert_eq!(found(&change, "version: v2\nbreaking:\n  ignore: [dog.proto]\n"), 0);
    assert_eq!(found(&change, "version: v1\nbreaking:\n  ignore_only:\n    WIRE: [dog.proto]\n"), 2);
    assert_eq!(found(&change, "version: v1\nbreaking:\n  use: [WIRE]\n"), 3, "all categories are counted");
}

#[test]
fn a_dry_run_says_what_a_push_would_and_stores_nothing() {
    let (registry, change) = registry(OTHER_DOG);
    let directory = change.directory().to_str().unwrap();
    let dry = ["push", directory, "--module", "acme/pets", "--dry-run"];
    let before = registry.cli(["label", "list", "acme/pets", "--json"]).ok().json();
    registry.cli(dry).ok().prints("breaking: file 1");
    let json = registry.cli([&dry[..], &["--json"]].concat()).ok().json();
    assert_eq!(json["modules"][0]["breaking"]["wire"], 1, "{json}");
    registry.cli([&dry[..], &["--fail-on", "wire"]].concat()).refused();
    assert_eq!(registry.cli(["label", "list", "acme/pets", "--json"]).ok().json(), before);
    let new = ["push", directory, "--module", "acme/dogs", "--dry-run"];
    registry.cli(new).ok().prints("nothing → acme/dogs (not pushed)").prints("nothing breaks");
    let broken = Module::new("acme/pets").file("dog.proto", "syntax = \"proto3\";\nmessage Dog { Cat cat = 1; }\n");
    let directory = broken.directory().to_str().unwrap();
    registry.cli(["push", directory, "--module", "acme/pets", "--dry-run"]).refused().says("dog.proto:2");
}
