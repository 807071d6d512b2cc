//! The gate before a release: what a push to the default label may break.

use serde_json::Value;

use crate::support::{Buf, Module, Registry, pets};

fn dog(fields: &str) -> String {
    format!("syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog {{ {fields} }}\n")
}

/// A registry with these gates and acme/pets, whose message has two fields.
fn registry(gates: &[&str]) -> Registry {
    let registry = Registry::with(|options| {
        for gate in gates {
            options.flag("breaking", gate);
        }
    });
    module(&dog("string name = 1; int32 age = 2;")).push(&registry);
    registry
}

fn module(source: &str) -> Module {
    Module::new("acme/pets").file("dog.proto", source)
}

fn head(registry: &Registry) -> Value {
    registry.cli(["label", "list", "acme/pets", "--json"]).ok().json()
}

#[test]
fn by_default_a_push_that_breaks_is_taken_and_says_so() {
    let registry = registry(&[]);
    let pushed = module(&dog("string name = 1; string age = 2;")).try_push(&registry).ok();
    let breaking = pushed.json()["breaking"].as_str().unwrap().to_owned();
    assert!(
        breaking.contains("acme/pets breaks users of main (") && breaking.contains("in wire_json, rust:"),
        "{breaking}"
    );
    assert!(breaking.contains("FIELD_WIRE_JSON_COMPATIBLE_TYPE") && breaking.contains("(breaks Rust)"), "{breaking}");
    pushed.says("warning").says("breaks users of main");
    let same = module(&dog("string name = 1; string age = 2; bool good = 3;")).try_push(&registry).ok();
    assert!(same.json()["breaking"].is_null(), "{same}");
}

#[test]
fn a_push_that_breaks_is_refused_and_nothing_of_it_is_stored() {
    let registry = registry(&["refuse:wire_json"]);
    let before = head(&registry);
    let change = module(&dog("string name = 1;"));
    change.try_push(&registry).refused().says("FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED").says("--allow-breaking");
    assert_eq!(head(&registry), before);
    // Another label is no release, and reserving is no break.
    change.argument("--label=next").push(&registry);
    module(&dog("string name = 1; reserved 2; reserved \"age\";")).push(&registry);
}

#[test]
fn categories_are_apart_and_off_is_off() {
    let renamed = dog("string name = 1; int32 years = 2;");
    module(&renamed).try_push(&registry(&["refuse:wire"])).ok();
    module(&renamed).try_push(&registry(&["refuse:wire", "refuse:rust"])).refused().says("in rust");
    let nearest = registry(&["refuse:wire", "acme=off", "acme/pets=refuse:package"]);
    module(&renamed).try_push(&nearest).refused().says("in package:");
    module(&renamed).try_push(&registry(&["refuse:file", "acme=off"])).ok();
    let nothing = module(&dog("bytes name = 2;")).try_push(&registry(&["off"])).ok();
    assert!(nothing.json()["breaking"].is_null(), "{nothing}");
}

#[test]
fn buf_hears_the_same() {
    let registry = Registry::with(|options| {
        options.flag("breaking", "refuse:wire").flag("breaking", "warn:rust");
    });
    registry.cli(["organization", "create", "acme"]).ok();
    let buf = Buf::new(&registry).file("buf.yaml", "version: v2\nname: HOST/acme/pets\n");
    buf.write("dog.proto", &dog("string name = 1; int32 age = 2;"));
    buf.run(["push", "--create"]).ok();
    buf.write("dog.proto", &dog("string name = 1; string age = 2;"));
    buf.run(["push"]).fails().says("acme/pets breaks users of main").says("FIELD_WIRE_COMPATIBLE_TYPE");
    buf.write("dog.proto", &dog("string name = 1; int32 years = 2;"));
    buf.run(["push"]).ok().says("WARN").says("in rust:");
}

#[test]
fn unstable_packages_may_break_where_that_is_wanted() {
    let source = |field: &str| pets(field).replace("acme.pets.v1", "acme.pets.v1beta1");
    let push = |exempt: &str| {
        let registry = Registry::with(|options| {
            options.flag("breaking", "refuse:file").flag("breaking-ignore-unstable-packages", exempt);
        });
        module(&source("name")).push(&registry);
        module(&source("title")).try_push(&registry)
    };
    push("false").refused().says("FIELD_SAME_NAME");
    push("true").ok();
}

#[test]
fn an_admin_lets_a_break_through_and_a_writer_does_not() {
    let registry = registry(&["refuse:file"]);
    let writer = registry.user_token("pat");
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "writer"]).ok();
    let change = module(&dog("string name = 1;")).argument("--allow-breaking");
    let by_writer = change.argument(&format!("--token={writer}"));
    by_writer.try_push(&registry).refused().says("push breaking changes to module acme/pets");
    let pushed = module(&dog("string name = 1;")).argument("--allow-breaking").try_push(&registry).ok();
    assert!(pushed.json()["breaking"].as_str().unwrap().contains("FIELD_NO_DELETE"), "{pushed}");
    let database = rusqlite::Connection::open(registry.data_dir.join("registry.db")).unwrap();
    let recorded = "SELECT subject FROM audit_events WHERE action = 'commit.allow-breaking'";
    let subject: String = database.query_row(recorded, [], |row| row.get(0)).unwrap();
    assert!(subject.starts_with("acme/pets:") && subject.ends_with(" breaks file"), "{subject}");
}

#[test]
fn of_two_pushes_at_once_that_break_each_other_one_is_taken() {
    let registry = registry(&["refuse:file"]);
    for round in 0..4 {
        let before = 10 * round + 10;
        let kept: String = (0..round).map(|round| format!("string kept{round} = {};", 10 * round + 10)).collect();
        let with = |field: &str| module(&dog(&format!("string name = 1; int32 age = 2; {kept} {field}")));
        // Both have a number of their own, so each lacks what the other brings.
        let pushes =
            [with(&format!("string kept{round} = {before};")), with(&format!("int32 other{round} = {};", before + 1))];
        let taken: Vec<_> = std::thread::scope(|scope| {
            let started = pushes.each_ref().map(|push| scope.spawn(|| push.try_push(&registry).succeeded()));
            started.map(|push| push.join().unwrap()).to_vec()
        });
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "round {round}: {taken:?}");
        if taken[1] {
            // The next round builds on the first.
            let [kept, _] = pushes;
            kept.argument("--allow-breaking").push(&registry);
        }
    }
}

#[test]
fn a_head_that_does_not_compile_any_more_is_told_and_stops_no_push() {
    let data = tempfile::tempdir().unwrap();
    let deep = "message A { message B { message C { message D {} } } }\n";
    let first = Registry::with(|options| {
        options.keep(data.path(), None);
    });
    module(&(dog("string name = 1;") + deep)).push(&first);
    let token = first.token.clone();
    drop(first);
    // A stricter server, as a later program may be.
    let registry = Registry::with(|options| {
        options.keep(data.path(), Some(&token)).flag("max-nesting", "2").flag("breaking", "refuse:wire");
    });
    let pushed = module(&dog("bytes name = 1;")).try_push(&registry).ok();
    let told = pushed.json()["breaking"].as_str().unwrap().to_owned();
    assert!(told.contains("acme/pets was not compared with main ("), "{told}");
    // What follows is compared again.
    module(&dog("int32 name = 1;")).try_push(&registry).refused().says("FIELD_WIRE_COMPATIBLE_TYPE");
    registry.is_well();
}

#[test]
fn moving_the_default_label_to_a_commit_that_breaks_is_refused() {
    let change = || module(&dog("string name = 1;")).argument("--label=next");
    let to_main = ["label", "move", "acme/pets", "main", "--to", "next"];
    let strict = registry(&["refuse:wire_json"]);
    let before = head(&strict);
    change().push(&strict);
    let after_push = head(&strict);
    assert_ne!(before, after_push);
    strict.cli(to_main).refused().says("acme/pets breaks users of main").says("the label was not moved");
    assert_eq!(head(&strict), after_push);
    // A commit that breaks nothing is released by the move.
    module(&dog("string name = 1; int32 age = 2; bool good = 3;")).argument("--label=next").push(&strict);
    strict.cli(to_main).ok();
    let warned = registry(&["warn:wire_json"]);
    change().push(&warned);
    let moved = warned.cli(to_main).ok();
    moved.says("warning: acme/pets breaks users of main").says("in wire_json:").says("FIELD_NO_DELETE");
    let records = warned.cli(["audit", "--action", "commit.breaking", "--json"]).ok().json();
    assert!(records[0]["subject"].as_str().unwrap().ends_with(" breaks wire_json"), "{records}");
}
