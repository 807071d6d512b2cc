//! Modules, labels and organizations are changed and deleted.

use crate::support::{Module, Registry, pets};

#[test]
fn a_module_is_changed_deprecated_and_deleted() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.cli(["module", "info", &format!("{}/acme/pets", registry.url)]).ok().prints("acme/pets");
    registry.cli(["module", "info", "buf.build/acme/pets"]).refused().says("a module of buf.build").says(&registry.url);
    let updated = || registry.cli(["module", "info", "acme/pets", "--json"]).ok().json()["updated"].clone();
    let pushed = updated();
    registry.cli(["module", "update", "acme/pets"]).could_not_run().says("--visibility");
    let changes = ["--visibility", "public", "--description", "Dogs"];
    let changed = registry.cli(["module", "update", "acme/pets", "--json"].into_iter().chain(changes)).ok().json();
    assert_eq!((changed["visibility"].as_str(), changed["description"].as_str()), (Some("public"), Some("Dogs")));
    assert_eq!((pushed.is_string(), updated()), (true, pushed), "a change is no push");
    let default = |label| registry.cli(["module", "update", "acme/pets", "--default-label", label]).ok();
    default("mian").says("warning: nothing was pushed to label mian yet: until then acme/pets has no release");
    assert!(!default("main").stderr.contains("nothing was pushed"));
    let deprecate = ["module", "deprecate", "acme/pets", "--json"];
    let plain = registry.cli(deprecate).ok().json();
    assert_eq!((plain["deprecated"].as_bool(), plain["description"].as_str()), (Some(true), Some("Dogs")));
    let told = registry.cli(deprecate.into_iter().chain(["--message", "Use acme/animals."])).ok().json();
    assert_eq!(told["description"], "Use acme/animals.");
    assert_eq!(registry.cli(["module", "undeprecate", "acme/pets", "--json"]).ok().json()["deprecated"], false);
    registry.cli(["module", "delete", "acme/pest", "--yes"]).refused().says("error: module acme/pest is not in");
    registry.cli(["module", "delete", "acme/pets"]).refused().says("--yes does it without a question");
    registry.cli(["module", "delete", "acme/pets", "--yes"]).ok().prints("deleted acme/pets");
    registry.cli(["module", "info", "acme/pets"]).refused();
    registry.cli(["organization", "update", "acme", "--description", "Pets"]).ok();
    registry.cli(["organization", "list"]).ok().prints("Pets");
    registry.cli(["organization", "delete", "acme"]).refused().says("--yes");
    registry.cli(["organization", "delete", "acme", "--force"]).ok().prints("deleted acme");
}

#[test]
fn a_label_is_moved_archived_and_brought_back() {
    let registry = Registry::start();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.cli(["label", "move", "acme/pets", "next", "--to", "main"]).ok().prints(&pushed.commit);
    registry.cli(["label", "move", "acme/pets", "next", "--to", "mian"]).refused().says("did you mean main?");
    registry.cli(["label", "archive", "acme/pets", "main"]).refused().says("is the default label");
    registry.cli(["label", "archive", "acme/pets", "next"]).ok().prints("archived next");
    assert!(!registry.cli(["label", "list", "acme/pets"]).ok().stdout.contains("next"));
    registry.cli(["label", "unarchive", "acme/pets", "next"]).ok();
    registry.cli(["label", "list", "acme/pets"]).ok().prints("next");
}

#[test]
fn the_beginning_of_a_token_s_id_is_enough_and_quiet_says_results_alone() {
    let registry = Registry::start();
    let created = registry.cli(["token", "create", "-q", "--json"]).ok();
    assert_eq!(created.stderr, "");
    let id = created.json()["id"].as_str().unwrap().to_owned();
    registry.cli(["token", "revoke", &id[..12]]).ok().prints(&format!("revoked {id}"));
    registry.cli(["token", "revoke", "zz"]).could_not_run().says("is not the id of a token");
}
