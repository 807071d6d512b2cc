//! Parts of commits: what pages need without compiling a whole module.

use super::*;
use crate::publish::PartOfCommit;

const BASE: &str = "syntax = \"proto3\"; package acme.base.v1; message Id { string text = 1; }";

/// A module with three packages, one of which imports another and a dependency.
fn sources() -> [(&'static str, &'static str); 4] {
    [
        (
            "a.proto",
            "syntax = \"proto3\"; package acme.a; import \"b.proto\"; import \"base.proto\"; message A { acme.b.B b = 1; acme.base.v1.Id id = 2; }",
        ),
        ("b.proto", "syntax = \"proto3\"; package acme.b; // Of b.\nmessage B { string name = 1; }"),
        ("c.proto", "syntax = \"proto3\"; package acme.c; message C {}"),
        ("inner.proto", "syntax = \"proto3\"; package acme.a.inner; message Inner {}"),
    ]
}

#[test]
fn a_part_is_compiled_alone_and_its_files_are_those_of_the_whole() {
    let fixture = fixture_with(&[]);
    let base = fixture.push(vec![fixture.content("shop", &[], &[("base.proto", BASE)])], &[]).commits.remove(0);
    let head = fixture.push(vec![fixture.content("pets", &[], &sources())], &[&base]).commits.remove(0);
    let publisher = &fixture.running;
    let paths =
        |set: &DescriptorSet| -> Vec<String> { set.files.iter().map(|file| file.proto.name().to_owned()).collect() };
    // As after a restart.
    publisher.compiled.clear();
    let part = |part| publisher.descriptors_of_part(head.id, part, None).unwrap();
    let package = part(PartOfCommit::Package("acme.a"));
    assert_eq!(paths(&package), ["b.proto", "base.proto", "a.proto", "inner.proto"]);
    assert_eq!(paths(&part(PartOfCommit::File("b.proto"))), ["b.proto"]);
    let outline = publisher.outline(head.id, None).unwrap();
    assert_eq!(outline.packages().into_keys().collect::<Vec<_>>(), ["acme.a", "acme.a.inner", "acme.b", "acme.c"]);
    assert!(publisher.compiled.peek(&(head.module, head.id)).is_none(), "the whole was compiled");

    let whole = publisher.descriptors(head.id, None).unwrap();
    for file in &package.files {
        let same = whole.file(file.proto.name()).unwrap();
        assert_eq!((&file.encoded, &file.origin), (&same.encoded, &same.origin), "{}", file.proto.name());
    }
    assert_eq!(part(PartOfCommit::Package("acme.c")).files.len(), whole.files.len(), "what is at hand is taken");
}

#[test]
fn what_an_older_program_did_not_keep_is_read_once_without_compiling_and_kept() {
    let fixture = fixture_with(&[]);
    let base = fixture.push(vec![fixture.content("shop", &[], &[("base.proto", BASE)])], &[]).commits.remove(0);
    let older = fixture.push(vec![fixture.content("pets", &[], &sources())], &[&base]).commits.remove(0);
    let changed = [("b.proto", "syntax = \"proto3\"; package acme.b; message B {}")];
    fixture.push(vec![fixture.content("pets", &[], &changed)], &[]);
    let publisher = &fixture.running;
    let kept = publisher.store().outline(older.id).unwrap().unwrap();
    publisher.compiled.clear();
    let conn = rusqlite::Connection::open(fixture.dir.path().join("registry.db")).unwrap();
    conn.execute_batch("DELETE FROM commit_outlines; DELETE FROM indexed").unwrap();

    assert_eq!(publisher.outline(older.id, None).unwrap().files, kept.files);
    let part = publisher.descriptors_of_part(older.id, PartOfCommit::Package("acme.b"), None).unwrap();
    assert_eq!(part.files.len(), 1);
    assert!(publisher.compiled.peek(&(older.module, older.id)).is_none(), "all of it was compiled");
    assert_eq!(publisher.store().outline(older.id).unwrap().unwrap().files, kept.files);
    assert!(publisher.store().outline(base.id).unwrap().is_some(), "that of the dependency is kept too");
    publisher.catch_up_search().unwrap();
    let module = fixture.module("pets");
    let head = publisher.store().label(module.id, &module.default_label).unwrap().unwrap();
    assert!(publisher.store().outline(head.commit).unwrap().is_some());
}

#[test]
fn names_that_all_files_decide_are_kept_and_found_again_where_an_older_program_did_not_keep_them() {
    let sources = [
        ("cluster.proto", "syntax = \"proto3\"; package v1; message Cluster { message Kind {} }"),
        ("inner.proto", "syntax = \"proto3\"; package v1.cluster; message X {}"),
    ];
    let fixture = fixture_with(&[]);
    let commit = fixture.push(vec![fixture.content("pets", &[], &sources)], &[]).commits.remove(0);
    let (publisher, module) = (&fixture.running, fixture.module("pets"));
    let kept = publisher.store().outline(commit.id).unwrap().unwrap().numbered.unwrap();
    let of = |names: &[crate::model::NumberedName]| -> Vec<String> {
        names.iter().map(|name| format!("{}{}", name.full, name.module_suffix)).collect()
    };
    assert_eq!([of(&kept.prost), of(&kept.buffa)], [[".v1.Cluster_2"], [".v1.Cluster_2"]]);
    let conn = rusqlite::Connection::open(fixture.dir.path().join("registry.db")).unwrap();
    conn.execute_batch("DELETE FROM commit_outlines").unwrap();
    publisher.compiled.clear();
    assert_eq!(publisher.outline(commit.id, None).unwrap().numbered, None, "a page compiles nothing for them");
    assert_eq!(publisher.numbered_names(&commit, &module).unwrap(), kept);
    assert_eq!(publisher.store().outline(commit.id).unwrap().unwrap().numbered, Some(kept));
}
