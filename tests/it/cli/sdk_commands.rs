//! Asking for crates, and ending that: `registry sdk` and `registry interest`.

use serde_json::{Value, json};

use crate::support::{Module, Registry, Transcript, kennel, run};

const PROST: &str = "community/neoeinstein-prost";
const CRATE: &str = "acme_pets_community_neoeinstein-prost";

/// A plugin that refuses a source without a package.
const PROST_SERDE: &str = "local/prost-serde";

/// A registry that generates nothing unasked.
fn lazy() -> Registry {
    Registry::with(|options| {
        options.flag("eager-plugins", "");
    })
}

fn push(registry: &Registry, field: &str, label: &str) -> (String, usize) {
    let label = format!("--label={label}");
    let pushed = Module::new("acme/pets").file("pets.proto", kennel(field)).argument(&label).push(registry);
    (pushed.commit, pushed.sdks.len())
}

fn cli(registry: &Registry, line: &str) -> Transcript {
    registry.cli(line.split(' '))
}

/// Label and plugin of each interest.
fn interests(registry: &Registry) -> Value {
    let listed = cli(registry, "interest list acme/pets --json").ok().json();
    listed.as_array().unwrap().iter().map(|one| json!([one["label"], one["plugin"]])).collect()
}

#[test]
fn generate_makes_a_crate_now_and_one_with_every_push_until_the_interest_is_removed() {
    let registry = lazy();
    let (commit, none) = push(&registry, "a", "main");
    assert_eq!(none, 0);
    let made = cli(&registry, &format!("sdk generate acme/pets --plugin {PROST}")).ok().says_nothing();
    let version = made.stdout.split(' ').nth(1).unwrap();
    assert!(version.contains(&commit[..12]), "{made}");
    assert_eq!(made.stdout, format!("{CRATE} {version} served\n  cargo add --registry buf {CRATE}\n"));
    assert_eq!(interests(&registry), json!([["main", PROST]]));
    assert_eq!(push(&registry, "b", "main").1, 1);

    cli(&registry, &format!("interest remove acme/pets --plugin {PROST}")).ok();
    assert_eq!(interests(&registry), json!([]));
    assert_eq!(push(&registry, "c", "main").1, 0);
    let again = cli(&registry, &format!("interest remove acme/pets --plugin {PROST}")).refused();
    again.says("nothing keeps label main of module acme/pets generated").says("`registry interest list`");
}

#[test]
fn a_label_is_kept_generated_and_a_commit_is_generated_once() {
    let registry = Registry::with(|options| {
        options.flag("eager-plugins", "").flag("eager-label", "");
    });
    let (commit, _) = push(&registry, "a", "main");
    push(&registry, "b", "next");
    let old = format!("{PROST}:v0.4.0");
    let made = cli(&registry, &format!("sdk generate acme/pets --plugin {old} --label next --json")).ok().json();
    assert!(made["version"].as_str().unwrap().starts_with("0.4.0-00000000000000-"), "{made}");
    assert!(made["cargo_add"].as_str().unwrap().contains("@=0.4.0-00000000000000-"), "{made}");
    assert_eq!(push(&registry, "c", "next").1, 1, "an interest in an old version holds for later pushes too");

    let short = &commit[..12];
    let once = cli(&registry, &format!("sdk generate acme/pets --plugin {PROST} --commit {short} --json")).ok().json();
    assert_eq!((&once["commit"], &once["state"]), (&json!(commit), &json!("served")));
    assert_eq!(interests(&registry), json!([["next", old]]));
    assert_eq!(push(&registry, "d", "main").1, 0);
    cli(&registry, &format!("interest remove acme/pets --plugin {old} --label next")).ok();
    assert_eq!(push(&registry, "e", "next").1, 0);
}

#[test]
fn a_plugin_that_fails_is_heard_and_can_be_retried() {
    let registry = lazy();
    let source = "syntax = \"proto3\";\npackage pets;\nimport \"google/protobuf/compiler/plugin.proto\";\n\
                  message Dog { google.protobuf.compiler.Version version = 1; }\n";
    Module::new("acme/pets").file("pets.proto", source).push(&registry);
    let reason = "failed: file pets.proto: message pets.Dog refers to google.protobuf.compiler.Version";
    let generate = format!("sdk generate acme/pets --plugin {PROST_SERDE}");
    cli(&registry, &generate).refused().says(reason);
    let failed = cli(&registry, &format!("{generate} --json")).refused().says(reason).json();
    assert_eq!(failed["state"], "failed");
    cli(&registry, "sdk status acme/pets").refused().says(reason).prints("acme_pets_local_prost-serde");
    cli(&registry, "sdk retry acme/pets").refused().says(reason);
    let version = failed["version"].as_str().unwrap();
    cli(&registry, &format!("sdk retry acme_pets_local_prost-serde {version}")).refused().says(reason);
    cli(&registry, &format!("sdk info acme/pets {version}"))
        .ok()
        .prints("message       file pets.proto: message pets.Dog refers to google.protobuf.compiler.Version");
    cli(&registry, &format!("sdk generate acme/pets --plugin {PROST}")).ok();
    cli(&registry, &format!("sdk status acme/pets --wait --plugin {PROST}")).ok().prints("served");
    cli(&registry, &format!("sdk retry acme/pets --plugin {PROST}")).ok().says("nothing failed");
}

#[test]
fn generate_without_waiting_answers_before_the_crate_is_there() {
    let registry = lazy();
    push(&registry, "a", "main");
    let asked = cli(&registry, &format!("sdk generate acme/pets --plugin {PROST} --no-wait --json")).ok().json();
    assert_eq!(asked["crate"], CRATE);
    cli(&registry, "sdk status acme/pets --wait").ok().prints("served");
}

#[test]
fn info_tells_all_of_a_crate() {
    let registry = Registry::start();
    let (commit, _) = push(&registry, "a", "main");
    let both = cli(&registry, "sdk info acme/pets").ok();
    for line in [&format!("commit        {commit}"), "released      yes", "state         served"] {
        assert_eq!(both.stdout.matches(line).count(), 2, "prost and tonic: {both}");
    }
    let one = cli(&registry, &format!("sdk info {CRATE} --label main --json")).ok().json();
    let (one, listed) = (&one[0], registry.get(&format!("/gen/cargo/ac/me/{CRATE}")).ok().lines().remove(0));
    assert_eq!((&one["checksum"], &one["version"]), (&listed["cksum"], &listed["vers"]));
    assert_eq!(
        (&one["plugin"], &one["plugin_version"], &one["plugin_revision"]),
        (&json!(PROST), &json!("v0.5.0"), &json!(1))
    );
    let other = cli(&registry, &format!("sdk info {CRATE} --plugin {PROST_SERDE}")).refused();
    other.says(&format!("crate {CRATE} is made by plugin {PROST}, not {PROST_SERDE}"));
    cli(&registry, &format!("sdk info acme/pets --plugin {PROST_SERDE}"))
        .refused()
        .says("`registry sdk generate acme/pets");
}

#[test]
fn what_is_unknown_is_answered_with_what_is_near() {
    let registry = Registry::start();
    let (commit, _) = push(&registry, "a", "main");
    push(&registry, "b", "release/1");
    let mistyped = format!("{}{}", &commit[..31], if commit.ends_with('0') { '1' } else { '0' });
    let generate = "sdk generate acme/pets --plugin";
    for (line, words) in [
        (format!("{generate} community/neoeinstein-prots"), "try community/neoeinstein-prost"),
        (format!("{generate} {PROST}:v0.6.0"), "has no version v0.6.0 here; it has v0.5.0, v0.4.0, v0.3.1"),
        (format!("{generate} {PROST} --label relase/1"), "did you mean release/1?"),
        (format!("{generate} {PROST} --commit {mistyped}"), &format!("did you mean {commit}?")),
        (format!("sdk generate acme/pest --plugin {PROST}"), "did you mean acme/pets?"),
        (format!("{generate} community/neoeinstein-prost-serde"), "makes files for remote generation only"),
    ] {
        cli(&registry, &line).refused().says(words);
    }
    cli(&registry, &format!("{generate} {PROST} --commit 123")).could_not_run().says("32 hex digits, or the first 12");
    assert_eq!(interests(&registry), json!([]), "what was refused leaves no interest");
}

#[test]
fn who_may_only_read_may_have_a_crate_but_not_have_it_kept() {
    let registry = lazy();
    let (commit, _) = push(&registry, "a", "main");
    let reader = registry.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    let as_reader = |line: &str| {
        let mut command = registry.command();
        run(command.args(line.split(' ')).args(["--token", reader["token"].as_str().unwrap()]))
    };
    let keep = as_reader(&format!("sdk generate acme/pets --plugin {PROST}")).refused();
    keep.says("this token may only read").says("--commit makes a single crate");
    as_reader(&format!("sdk generate acme/pets --plugin {PROST} --commit {commit}")).ok().prints("served");
    as_reader("interest list").ok();
    as_reader(&format!("interest remove acme/pets --plugin {PROST}")).refused().says("this token may only read");
}
