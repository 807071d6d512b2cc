//! Search: what is found, in which order, and what is shown of it.

use crate::support::{Module, Registry};

const ZOO: &str = r#"syntax = "proto2";
// Everything about animals.
package acme.zoo.v1;

import "google/protobuf/descriptor.proto";

// An animal that visitors may feed.
message Animal {
  // The weight in grams, <b>without</b> its collar.
  optional int32 weight_grams = 1;
  optional Diet diet = 2;
  extensions 100 to 200;
}

enum Diet {
  DIET_UNKNOWN = 0; // Nobody has asked.
  DIET_HAY = 1;
}

extend google.protobuf.FieldOptions {
  optional bool tame = 50001;
}

service Keeper {
  // Gives hay to whoever eats it.
  rpc Feed(Animal) returns (Animal);
}
"#;

fn zoo() -> Registry {
    let registry = Registry::start();
    Module::new("acme/zoo").file("acme/zoo/v1/zoo.proto", ZOO).push(&registry);
    registry
}

fn search(registry: &Registry, query: &str) -> String {
    registry.get(&format!("/search?q={query}")).ok().text()
}

#[test]
fn fields_values_extensions_comments_and_files_are_found() {
    let registry = zoo();
    let docs = "/acme/zoo/docs/main/acme.zoo.v1";
    for (query, kind, name, anchor) in [
        ("weight", "field", "acme.zoo.v1.Animal.<mark>weight</mark>_grams", "Animal.weight_grams"),
        ("Animal.diet", "field", "acme.zoo.v1.<mark>Animal.diet</mark>", "Animal.diet"),
        ("diet_hay", "value", "acme.zoo.v1.Diet.<mark>DIET_HAY</mark>", "Diet.DIET_HAY"),
        ("tame", "extension", "acme.zoo.v1.<mark>tame</mark>", "tame"),
        ("feed", "method", "acme.zoo.v1.Keeper.<mark>Feed</mark>", "Keeper.Feed"),
        ("visitors", "message", "acme.zoo.v1.Animal", "Animal"),
    ] {
        let found = search(&registry, query);
        let row = format!(
            r##"<span class="kind">{kind}</span><a class="mono" href="{docs}?symbol={anchor}#{anchor}">{name}</a>"##
        );
        assert!(found.contains(&row), "{query}: {found}");
        let page = registry.get(&format!("{docs}?symbol={anchor}")).ok().text();
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}: {page}");
    }
    let comments = search(&registry, "grams");
    assert!(comments.contains("The weight in <mark>grams</mark>, &#60;b&#62;without&#60;/b&#62; its collar."));
    assert!(search(&registry, "nobody").contains("<mark>Nobody</mark> has asked."));
    assert!(
        search(&registry, "everything")
            .contains(">package</span><a class=\"mono\" href=\"/acme/zoo/docs/main/acme.zoo.v1\">")
    );
    assert!(search(&registry, "zoo.proto").contains("acme/zoo/v1/<mark>zoo.proto</mark>"));
    assert!(search(&registry, "elephant").contains("No name and no comment matches."));
}

#[test]
fn modules_are_first_then_types_then_members() {
    let registry = zoo();
    Module::new("acme/feed").file("feed.proto", "syntax = \"proto3\"; message Feed { bool feed = 1; }").push(&registry);
    let found = search(&registry, "feed");
    let headings: Vec<_> = found.match_indices("<section><h2>").map(|(at, _)| &found[at + 13..at + 18]).collect();
    assert_eq!(headings, ["Modul", "Types", "Membe", "Crate", "Files", "In co"], "{found}");
    let listed = registry.cli(["search", "feed", "--json"]).ok().json();
    let kinds: Vec<_> = listed.as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["module", "crate", "message", "method", "field", "message", "file"], "{listed}");
    let comment = &listed[5];
    assert_eq!(
        (&comment["name"], &comment["comment"]),
        (&"acme.zoo.v1.Animal".into(), &"An animal that visitors may feed.".into())
    );
}

#[test]
fn what_is_typed_has_suggestions_and_its_length_a_limit() {
    let registry = zoo();
    let options = registry.get("/search/suggestions?q=animal").ok().text();
    let first = r#"<a role="option" id="suggestion-1" tabindex="-1" aria-selected="false" href="/acme/zoo/docs/main/acme.zoo.v1?symbol=Animal#Animal">"#;
    assert!(options.contains(first) && !options.contains("<html"), "{options}");
    assert_eq!(registry.get("/search/suggestions?q=").ok().text().trim(), "");
    assert!(registry.get("/search/suggestions?q=a").ok().text().matches("role=\"option\"").count() <= 9);
    let long = "a".repeat(201);
    let refused = registry.get(&format!("/search?q={long}")).is(400).text();
    assert!(refused.contains("the query has 201 characters; the limit is 200"), "{refused}");
    registry.cli(["search", &long]).refused().says("the query has 201 characters; the limit is 200");
}

#[test]
fn what_an_older_program_indexed_gets_its_fields_in_the_background() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| _ = options.keep(data.path(), None));
    let module = format!("{}/zoo", registry.user);
    Module::new(&module).file("zoo.proto", ZOO).push(&registry);
    let token = registry.token.clone();
    registry.signal("TERM");
    registry.process().wait().unwrap();
    let conn = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = ON; DELETE FROM symbol_details; UPDATE symbols SET details = NULL; DELETE FROM indexed",
    )
    .unwrap();
    drop(conn);
    let registry = Registry::with(|options| _ = options.keep(data.path(), Some(&token)));
    crate::support::eventually("fields are found", || search(&registry, "weight").contains("weight</mark>_grams"));
    assert!(search(&registry, "animal").contains("acme.zoo.v1.<mark>Animal</mark>"));
}
