//! `buf registry module label`, and what becomes of archived labels.

use crate::support::{Buf, Registry};

#[test]
fn labels_are_listed_by_change_and_told() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let id = buf.push("common");
    let reference = format!("HOST/acme/common:{id}");
    buf.run(["registry", "module", "commit", "add-label", &reference, "--label", "a"]).ok();
    buf.run(["registry", "module", "commit", "add-label", &reference, "--label", "b"]).ok();
    let list = ["registry", "module", "label", "list", "HOST/acme/common", "--format", "json", "--page-size", "2"];
    let page = buf.run(list).ok().json();
    let names: Vec<_> = page["labels"].as_array().unwrap().iter().map(|label| label["name"].clone()).collect();
    assert_eq!(names, ["b", "a"], "{page}");
    let token = page["next_page"].as_str().unwrap();
    buf.run(["registry", "module", "label", "list", "HOST/acme/common", "--page-token", token]).ok().prints(":main");
    let reversed = buf.run(["registry", "module", "label", "list", "HOST/acme/common", "--reverse"]).ok();
    assert!(reversed.stdout.starts_with(&format!("{}/acme/common:main", buf.host())), "{reversed}");
    let info = buf.run(["registry", "module", "label", "info", "HOST/acme/common:a", "--format", "json"]).ok().json();
    assert_eq!((&info["name"], &info["commit"]), (&"a".into(), &id.clone().into()), "{info}");
    buf.run(["registry", "module", "label", "info", "HOST/acme/common:none"]).fails().says("does not exist");
    // Labels of a commit.
    buf.run(["registry", "module", "label", "list", &reference]).ok().prints(":a").prints(":b").prints(":main");
}

#[test]
fn an_archived_label_is_hidden_but_resolves_and_a_push_brings_it_back() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    buf.run(["push", "common", "--label", "old"]).ok();
    buf.run(["registry", "module", "label", "archive", "HOST/acme/common:old"]).ok();
    let list = |status: &str| {
        let list = ["registry", "module", "label", "list", "HOST/acme/common", "--archive-status", status];
        buf.run(list).ok().stdout.contains(":old")
    };
    assert_eq!(["archived", "unarchived", "all"].map(list), [true, false, true]);
    buf.forget();
    buf.run(["build", "HOST/acme/common:old"]).ok();
    buf.run(["registry", "module", "label", "unarchive", "HOST/acme/common:old"]).ok();
    assert!(list("unarchived"));
    buf.run(["registry", "module", "label", "archive", "HOST/acme/common:old"]).ok();
    buf.run(["push", "common", "--label", "old"]).ok();
    assert!(list("unarchived"), "a push left the label archived");
}

#[test]
fn the_default_label_stays() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    buf.run(["registry", "module", "label", "archive", "HOST/acme/common:main"]).fails().says("failed_precondition");
    buf.run(["registry", "module", "label", "archive", "HOST/acme/common:none"]).fails().says("does not exist");
}

#[test]
fn names_that_would_be_mistaken_for_commits_are_refused() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let id = "0123456789abcdef0123456789abcdef";
    for name in [id, "a:b", &"x".repeat(251)] {
        buf.run(["push", "common", "--create", "--label", name]).fails().says("invalid_argument").says("label");
    }
    buf.run(["push", "common", "--create", "--label", &"x".repeat(250)]).ok();
}

/// What a search for `word` finds.
fn found(registry: &Registry, word: &str) -> bool {
    registry.get(&format!("/search?q={word}")).ok().text().contains("/acme/common/docs")
}

#[test]
fn a_search_finds_what_the_default_label_is_at() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    buf.write("common/new.proto", "syntax = \"proto3\";\npackage fresh;\nmessage Invoice {}\n");
    let next = crate::support::commit(&buf.run(["push", "common", "--label", "next"]).ok());
    assert_eq!((found(&registry, "Money"), found(&registry, "Invoice")), (true, false));
    let reference = format!("HOST/acme/common:{next}");
    buf.run(["registry", "module", "commit", "add-label", &reference, "--label", "main"]).ok();
    assert!(found(&registry, "Invoice"), "the default label was moved by hand");
    // Another label becomes the default: it has a commit, or none yet.
    let settings = |label: &str| {
        let update = ["registry", "module", "settings", "update", "HOST/acme/common", "--default-label-name", label];
        buf.run(update).ok();
    };
    settings("empty");
    assert!(!found(&registry, "Money"), "nothing was pushed to that label");
    settings("next");
    assert!(found(&registry, "Invoice"));
}

#[test]
fn a_label_that_is_moved_by_hand_owes_the_crates_of_a_push() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    buf.write("common/LICENSE", "MIT\n");
    let other = crate::support::commit(&buf.run(["push", "common", "--label", "other"]).ok());
    let buffa = ["sdk", "generate", "acme/common", "--plugin", "anthropics/buffa", "--label", "next"];
    let reference = format!("HOST/acme/common:{other}");
    let add = ["registry", "module", "commit", "add-label", &reference, "--label", "next"];
    buf.run(add).ok();
    registry.cli(buffa).ok();
    buf.write("common/LICENSE", "Apache\n");
    let newest = crate::support::commit(&buf.run(["push", "common", "--label", "other"]).ok());
    let reference = format!("HOST/acme/common:{newest}");
    buf.run(["registry", "module", "commit", "add-label", &reference, "--label", "next"]).ok();
    crate::support::eventually("the crate of what the label is at now", || {
        let list = ["sdk", "list", "acme/common", "--commit", &newest];
        registry.cli(list).ok().stdout.contains("acme_common_anthropics_buffa")
    });
}
