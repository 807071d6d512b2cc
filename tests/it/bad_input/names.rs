//! Names that do not exist, or are not valid.

use std::path::Path;

use super::{Refusals, new, with_yaml};
use crate::support::{Registry, pets};

#[test]
fn dependencies_and_targets_that_are_not_there() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    refusals.push("an unknown dependency", with_yaml("version: v2\ndeps:\n  - buf.build/googleapis/googleapis\n"));
    let module = new().file("a.proto", pets("name"));
    let directory = module.directory().to_str().unwrap();
    for target in ["acme/pest", "acne/pets", "nobody/nothing"] {
        let refused = registry.cli(["push", directory, "--module", target]).refused();
        refusals.note(&format!("a push to {target}"), &refused.stderr);
    }
    insta::assert_snapshot!(refusals.text, @r"
    an unknown dependency:
    error: dependency googleapis/googleapis cannot be used from http://localhost:PORT: module googleapis/googleapis is not in this registry: there is no owner googleapis; push it first: registry push DIR --module googleapis/googleapis --create; or import it from another registry: registry mirror buf.build/googleapis/googleapis

    a push to acme/pest:
    error: module acme/pest is not in this registry; did you mean acme/pets? (--create makes modules that do not exist yet)

    a push to acne/pets:
    error: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets? (--create makes modules that do not exist yet)

    a push to nobody/nothing:
    error: module nobody/nothing is not in this registry: there is no owner nobody (--create makes modules that do not exist yet)
    ");
}

#[test]
fn names_that_are_not_there() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    refusals
        .command("sdk version acme/pest")
        .command("sdk version acne/pets")
        .command("sdk version acme/pets --label mian")
        .command("sdk version acme/pets --commit 0123456789abcdef0123456789abcdef")
        .command("sdk version acme/pets --plugin community/neoeinstein-prots")
        .command("sdk version acme/pets --plugin community/neoeinstein-prost:v0.4.9")
        .command("sdk list acme/pest")
        .command("sdk list acme/pets --label mian")
        .command("module info acme/pest")
        .command("module info acne/pets")
        .command("module list --owner acne")
        .command("module create acme/pets")
        .command("module create acne/pets")
        .command("label list acme/pest")
        .command("token revoke 0123456789abcdef0123456789abcdef")
        .command("token create --user acne")
        .command("token list --user acme");
    insta::assert_snapshot!(refusals.text, @r#"
    registry sdk version acme/pest:
    error: module acme/pest is not in this registry; did you mean acme/pets?

    registry sdk version acne/pets:
    error: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets?

    registry sdk version acme/pets --label mian:
    error: module acme/pets has no label or commit "mian"; did you mean main?

    registry sdk version acme/pets --commit 0123456789abcdef0123456789abcdef:
    error: module acme/pets has no label or commit "0123456789abcdef0123456789abcdef"

    registry sdk version acme/pets --plugin community/neoeinstein-prots:
    error: plugin community/neoeinstein-prots is not known here; try community/neoeinstein-prost, community/neoeinstein-prost-crate, community/neoeinstein-prost-serde

    registry sdk version acme/pets --plugin community/neoeinstein-prost:v0.4.9:
    error: plugin community/neoeinstein-prost has no version v0.4.9 here; it has v0.5.0, v0.4.0, v0.3.1

    registry sdk list acme/pest:
    error: module acme/pest is not in this registry; did you mean acme/pets?

    registry sdk list acme/pets --label mian:
    error: module acme/pets has no label or commit "mian"; did you mean main?

    registry module info acme/pest:
    error: module acme/pest is not in this registry; did you mean acme/pets?

    registry module info acne/pets:
    error: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets?

    registry module list --owner acne:
    error: there is no user or organization acne; did you mean acme?

    registry module create acme/pets:
    error: module acme/pets already exists

    registry module create acne/pets:
    error: there is no user or organization acne; did you mean acme? If not, create it first: buf registry organization create localhost:PORT/acne, or let `registry push --create` do both

    registry label list acme/pest:
    error: module acme/pest is not in this registry; did you mean acme/pets?

    registry token revoke 0123456789abcdef0123456789abcdef:
    error: token 0123456789abcdef0123456789abcdef does not exist, or is not yours; `registry token list` shows yours

    registry token create --user acne:
    error: there is no user or organization acne; did you mean acme?

    registry token list --user acme:
    error: acme is an organization, not a user
    "#);
}

#[test]
fn crates_that_are_not_there() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    let version = "0.5.0-20240523144506-ce529d32d80c.1";
    let download = |name: &str, version: &str| format!("api/v1/crates/{name}/{version}/download");
    for (path, status) in [
        ("ac/me/acme_pest_community_neoeinstein-prost".to_owned(), 422),
        ("ac/me/acme_pets_community_neoeinstein-prots".into(), 422),
        ("ac/ne/acne_pets_community_neoeinstein-prost".into(), 422),
        ("se/rd/serde".into(), 404),
        (download("acme_pets_community_neoeinstein-prost", version), 404),
        (download("acme_pets_community_neoeinstein-prost", "1.0.0"), 404),
        (download("acme_pest_community_neoeinstein-prost", version), 404),
        (download("serde", version), 404),
    ] {
        let answer = registry.get(&format!("/gen/cargo/{path}"));
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        refusals.note(&path, &answer.text());
    }
    let newest = registry.cli(["sdk", "version", "acme/pets"]).ok().stdout;
    insta::assert_snapshot!(refusals.text.replace(newest.trim(), "NEWEST"), @r#"
    ac/me/acme_pest_community_neoeinstein-prost:
    there is no crate acme_pest_community_neoeinstein-prost: module acme/pest is not in this registry; did you mean acme/pets?

    ac/me/acme_pets_community_neoeinstein-prots:
    there is no crate acme_pets_community_neoeinstein-prots: plugin community/neoeinstein-prots is not known here; try community/neoeinstein-prost, community/neoeinstein-prost-crate, community/neoeinstein-prost-serde

    ac/ne/acne_pets_community_neoeinstein-prost:
    there is no crate acne_pets_community_neoeinstein-prost: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets?

    se/rd/serde:
    there is no crate serde

    api/v1/crates/acme_pets_community_neoeinstein-prost/0.5.0-20240523144506-ce529d32d80c.1/download:
    crate acme_pets_community_neoeinstein-prost has no version 0.5.0-20240523144506-ce529d32d80c.1; its newest is NEWEST

    api/v1/crates/acme_pets_community_neoeinstein-prost/1.0.0/download:
    SDK version "1.0.0" is not of the form 0.5.0-20240523144506-ce529d32d80c.1

    api/v1/crates/acme_pest_community_neoeinstein-prost/0.5.0-20240523144506-ce529d32d80c.1/download:
    there is no crate acme_pest_community_neoeinstein-prost: module acme/pest is not in this registry; did you mean acme/pets?

    api/v1/crates/serde/0.5.0-20240523144506-ce529d32d80c.1/download:
    crate "serde" is not of the form owner_module_pluginowner_plugin
    "#);
}

#[test]
fn names_that_cannot_be() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    for line in [
        "push . --module acme",
        "push . --module Acme/pets",
        "push . --module acme_/pets",
        "push . --module acme/-pets",
        "push . --module api/pets",
        "push . --module acme/settings",
        "push . --module acme/pets --label a:b",
        "push . --module acme/pets --label 0123456789abcdef0123456789abcdef",
        "push nowhere --module acme/pets",
        "sdk version acme/pets --commit 0123",
        "sdk version acme/pets --plugin prost",
        "token create --expires yesterday",
        "token revoke 012x",
    ] {
        refusals.senseless(line);
    }
    let text = refusals.text.replace(home(&registry).to_str().unwrap(), "HOME");
    insta::assert_snapshot!(text, @r#"
    registry push . --module acme:
    error: invalid value 'acme' for '--module <OWNER/NAME>': module "acme" is not of the form owner/name

    registry push . --module Acme/pets:
    error: invalid value 'Acme/pets' for '--module <OWNER/NAME>': owner name "Acme" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen

    registry push . --module acme_/pets:
    error: invalid value 'acme_/pets' for '--module <OWNER/NAME>': owner name "acme_" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen

    registry push . --module acme/-pets:
    error: invalid value 'acme/-pets' for '--module <OWNER/NAME>': module name "-pets" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen

    registry push . --module api/pets:
    error: invalid value 'api/pets' for '--module <OWNER/NAME>': owner name "api" is reserved; choose another

    registry push . --module acme/settings:
    error: invalid value 'acme/settings' for '--module <OWNER/NAME>': module name "settings" is reserved; choose another

    registry push . --module acme/pets --label a:b:
    error: invalid value 'a:b' for '--label <LABEL>': label "a:b" holds ':', which a label may not hold

    registry push . --module acme/pets --label 0123456789abcdef0123456789abcdef:
    error: invalid value '0123456789abcdef0123456789abcdef' for '--label <LABEL>': label "0123456789abcdef0123456789abcdef" looks like a commit id; choose another name

    registry push nowhere --module acme/pets:
    error: HOME/nowhere is not a directory; name the directory that holds the module or the workspace

    registry sdk version acme/pets --commit 0123:
    error: invalid value '0123' for '--commit <COMMIT>': "0123" is not a commit: write its 32 hex digits, or the first 12

    registry sdk version acme/pets --plugin prost:
    error: invalid value 'prost' for '--plugin <PLUGIN>': plugin "prost" is not of the form owner/name or owner/name:version

    registry token create --expires yesterday:
    error: invalid value 'yesterday' for '--expires <TIME>': "yesterday" is not a time: write a span such as 12h, 30d or 52w, or a date such as 2027-12-31

    registry token revoke 012x:
    error: invalid value '012x' for '<ID>': "012x" is not the id of a token: write its 32 hexadecimal digits, or the first of them
    "#);
}

/// Where the commands run.
fn home(registry: &Registry) -> std::path::PathBuf {
    registry.command().get_current_dir().map(Path::to_owned).unwrap()
}
