//! The release that brought a declaration: on the pages of documentation and of sources.

use crate::support::{Module, Registry, pets};

const PACKAGE: &str = "/acme/pets/docs/main/acme.pets.v1";
const SOURCE: &str = "/acme/pets/files/main/pets.proto";

fn push_to(registry: &Registry, label: &str, source: &str) -> String {
    let label = format!("--label={label}");
    let argument = Module::new("acme/pets").file("pets.proto", source).argument(&label);
    argument.push(registry).commit[..12].to_owned()
}

/// What a page of documentation says of the declaration with this anchor.
fn of(page: &str, anchor: &str) -> String {
    let from = page.find(&format!("id=\"{anchor}\"")).unwrap_or_else(|| panic!("{anchor} is not in {page}"));
    let rest = &page[from..];
    let end = ["</tr>", "</header>", "</div>"].iter().filter_map(|end| rest.find(end)).min().unwrap();
    rest[..end].to_owned()
}

/// The commits of `since` in a piece of a page.
fn commits(piece: &str) -> Vec<String> {
    piece.split("<a href=\"/acme/pets/docs/").skip(1).map(|rest| rest[..12].to_owned()).collect()
}

const FIRST: &str = "syntax = \"proto3\";
package acme.pets.v1;
message Dog {
  string name = 1;
}
enum Kind {
  KIND_UNSPECIFIED = 0;
}
service Kennel {
  rpc Get(Dog) returns (Dog);
}
";

fn second() -> String {
    FIRST
        .replace("name = 1;\n", "name = 1;\n  int32 age = 2;\n")
        .replace("UNSPECIFIED = 0;\n", "UNSPECIFIED = 0;\n  KIND_OLD = 1;\n")
        .replace("(Dog);\n", "(Dog);\n  rpc Put(Dog) returns (Dog);\n")
        + "message Cat {\n  string name = 1;\n}\n"
}

#[test]
fn a_declaration_says_which_release_brought_it() {
    let registry = Registry::start();
    let first = push_to(&registry, "main", FIRST);
    let second_commit = push_to(&registry, "main", &second());
    let third = push_to(&registry, "main", &second().replace("age = 2", "age = 2 [deprecated = true]"));

    let page = registry.get(PACKAGE).ok().text();
    for (anchor, expected) in [
        ("Dog", vec![&first]),
        // A part says it only if it came later than the whole.
        ("Dog.name", vec![]),
        ("Dog.age", vec![&second_commit, &third]),
        ("Kind.KIND_OLD", vec![&second_commit]),
        ("Kennel", vec![&first]),
        ("Kennel.Get", vec![]),
        ("Kennel.Put", vec![&second_commit]),
        ("Cat", vec![&second_commit]),
        ("Cat.name", vec![]),
    ] {
        let piece = of(&page, anchor);
        assert_eq!(commits(&piece).iter().collect::<Vec<_>>(), expected, "{anchor}: {piece}");
    }
    assert!(of(&page, "Dog.age").contains("deprecated since <a"), "{page}");
    assert!(!page.contains("or earlier"), "{page}");

    let source = registry.get(SOURCE).ok().text();
    let beside = |line: &str| {
        let row = source.split("<tr id=\"L").find(|row| row.contains(line)).unwrap();
        commits(row).first().cloned().unwrap_or_default()
    };
    // A line without a note came with the one above.
    assert_eq!(
        [beside("Dog</span> {"), beside(" name = "), beside(" age = ")],
        [first.as_str(), "", second_commit.as_str()]
    );
    assert_eq!(
        [beside("Kind</span> {"), beside("Put</span>"), beside("Cat</span> {")],
        [first.as_str(), second_commit.as_str(), ""]
    );

    // Another label and an older commit have declarations that the head does not have.
    push_to(&registry, "next", &second());
    for path in [format!("/acme/pets/docs/{first}/acme.pets.v1"), PACKAGE.replace("main", "next")] {
        let page = registry.get(&path).ok().text();
        assert!(page.contains("KIND_UNSPECIFIED") && !page.contains(">since <a"), "{page}");
        let source = registry.get(&SOURCE.replace("main", path.split('/').nth(4).unwrap())).ok().text();
        assert!(!source.contains("class=\"since\""), "{source}");
    }
}

#[test]
fn what_goes_and_comes_back_came_last_when_it_came_back() {
    let registry = Registry::start();
    let first = push_to(&registry, "main", FIRST);
    let second_commit = push_to(&registry, "main", &second());
    let third = push_to(&registry, "main", FIRST);
    let page = registry.get(PACKAGE).ok().text();
    assert_eq!(commits(&of(&page, "Dog")), [first.as_str()]);
    assert!(!page.contains("id=\"Cat\"") && third != first && third != second_commit, "{page}");
    // A release that is made by moving the label counts, too.
    let fourth = push_to(&registry, "next", &second());
    registry.cli(["label", "move", "acme/pets", "main", "--to", "next"]).ok();
    let page = registry.get(PACKAGE).ok().text();
    assert_eq!((commits(&of(&page, "Dog")), commits(&of(&page, "Cat"))), (vec![first], vec![fourth]));
}

#[test]
fn a_module_of_an_older_program_says_that_it_does_not_know() {
    let registry = Registry::start();
    let first = push_to(&registry, "main", &pets("name"));
    let store = rusqlite::Connection::open(registry.data_dir.join("registry.db")).unwrap();
    store.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM histories").unwrap();
    let page = registry.get(PACKAGE).ok().text();
    assert!(!page.contains(">since <a"), "{page}");
    let second = push_to(&registry, "main", &(pets("name") + "message Cat {}\n"));
    let page = registry.get(PACKAGE).ok().text();
    assert!(of(&page, "Dog").contains("or earlier"), "{page}");
    assert_eq!(commits(&of(&page, "Dog")), [first]);
    assert!(!of(&page, "Cat").contains("or earlier"), "{page}");
    assert_eq!(commits(&of(&page, "Cat")), [second]);
}
