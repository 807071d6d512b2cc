//! Versions in time: what is released sorts by its push, what is on another label never gets in between, and content
//! that a label has already makes nothing new.

use serde_json::Value;

use crate::support::{Consumer, Module, Pushed, Registry};

const PROST: &str = "acme_pets_community_neoeinstein-prost";

fn pets(message: &str) -> Module {
    Module::new("acme/pets").file(
        "pets.proto",
        format!(
            "syntax = \"proto3\";\nmessage {message} {{}}\n\
                  service S {{ rpc Get({message}) returns ({message}); }}\n"
        ),
    )
}

fn version(pushed: &Pushed) -> String {
    pushed.sdk("community/neoeinstein-prost").version.clone()
}

/// The fourteen digits of a version's time.
fn time(version: &str) -> u64 {
    let digits = version.split('-').nth(1).unwrap();
    assert_eq!(digits.len(), 14, "{version}");
    digits.parse().unwrap()
}

/// Names and commits of the module's labels, by name.
fn labels(registry: &Registry) -> Vec<(String, String)> {
    let listed = registry.cli(["label", "list", "acme/pets", "--json"]).ok().json();
    let text = |label: &Value, key: &str| label[key].as_str().unwrap().to_owned();
    let labels = listed.as_array().unwrap().iter();
    let mut labels: Vec<_> = labels.map(|label| (text(label, "name"), text(label, "commit"))).collect();
    labels.sort();
    labels
}

fn crates(registry: &Registry) -> usize {
    registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().json().as_array().unwrap().len()
}

#[test]
fn quick_pushes_get_times_that_strictly_increase() {
    let registry = Registry::start();
    let versions: Vec<_> = (0..6).map(|n| version(&pets(&format!("M{n}")).push(&registry))).collect();
    assert!(versions.windows(2).all(|pair| time(&pair[0]) < time(&pair[1])), "{versions:#?}");
    let consumer = Consumer::new(&registry);
    consumer.add(PROST);
    assert_eq!(consumer.locked(PROST), *versions.last().unwrap());
}

#[test]
fn a_push_to_another_label_has_no_time_and_does_not_move_the_default_one() {
    let registry = Registry::start();
    let main = pets("Dog").push(&registry);
    let next = pets("Cat").argument("--label=next").push(&registry);
    assert!(time(&version(&main)) > 20_000_000_000_000 && time(&version(&next)) == 0, "{}", version(&next));
    assert_eq!(labels(&registry), [("main".into(), main.commit.clone()), ("next".into(), next.commit)]);
    registry.cli(["sdk", "version", "acme/pets"]).ok().prints(&version(&main));
    let both = pets("Cow").argument("--label=next").argument("--label=main").push(&registry);
    assert!(time(&version(&both)) > time(&version(&main)), "a commit that is also on the default label is released");
}

#[test]
fn content_that_a_label_has_already_makes_nothing_new() {
    let registry = Registry::start();
    let first = pets("Dog").push(&registry);
    let again = pets("Dog").push(&registry);
    assert_eq!((&again.commit, version(&again)), (&first.commit, version(&first)));
    assert_eq!((labels(&registry).len(), crates(&registry)), (1, 2));

    // A new label joins the head with the same content; alone it gets a commit of its own.
    let joined = pets("Dog").argument("--label=main").argument("--label=joined").push(&registry);
    assert_eq!(joined.commit, first.commit);
    let alone = pets("Dog").argument("--label=alone").push(&registry);
    assert_ne!(alone.commit, first.commit);
    assert_eq!(time(&version(&alone)), 0);

    // Content that was there once, but is not any more, is new.
    let other = pets("Cat").push(&registry);
    let back = pets("Dog").push(&registry);
    assert!(back.commit != first.commit && time(&version(&back)) > time(&version(&other)), "{}", version(&back));
    let expected = [("alone", alone.commit), ("joined", first.commit), ("main", back.commit)];
    assert_eq!(labels(&registry), expected.map(|(label, commit)| (label.to_owned(), commit)));
}
