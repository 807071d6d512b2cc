//! Packages that are picked on the page of a large crate.

use super::sdk_page::block;
use crate::support::{Consumer, Module, Registry};

const A: &str = "syntax = \"proto3\";
package acme.a;
import \"b.proto\";
message A { acme.b.B b = 1; }
service S { rpc Get(A) returns (A); }
";

fn package(name: &str) -> String {
    let message = name.to_uppercase();
    format!("syntax = \"proto3\";\npackage acme.{name};\nmessage {message} {{ string text = 1; }}\n")
}

fn registry() -> Registry {
    let registry = Registry::start();
    let module = Module::new("acme/many").file("a.proto", A).file("b.proto", package("b"));
    module.file("c.proto", package("c")).file("d.proto", package("d")).push(&registry);
    registry
}

fn result(page: &str) -> &str {
    let from = page.split("role=\"status\">").nth(1).unwrap_or_else(|| panic!("no result in {page}"));
    from.split("</p>").next().unwrap()
}

#[test]
fn picked_packages_are_what_the_commands_add() {
    let registry = registry();
    let path = "/acme/many/sdks/main:community/neoeinstein-prost";
    let page = registry.get(path).ok().text();
    assert!(page.contains("Only some of its 4 packages") && page.contains("<div data-result hidden>"), "{page}");
    let page = registry.get(&format!("{path}?feature=acme.a&feature=unknown&feature=acme.d")).ok().text();
    assert!(page.contains("value=\"acme.a\" checked") && page.contains("value=\"acme.d\" checked"), "{page}");
    assert!(!page.contains("value=\"acme.b\" checked") && !page.contains("unknown"), "{page}");
    // What a package refers to is turned on with it.
    let said = result(&page);
    assert!(said.starts_with("3 of 4 packages, ") && said.ends_with(" of generated code"), "{said}");
    let commands = block(&page, "Commands to add these packages", 0);
    let add = "cargo add --registry buf acme_many_community_neoeinstein-prost --no-default-features";
    assert_eq!(commands.lines().next().unwrap(), format!("{add} --features acme.a,acme.d"));

    let consumer = Consumer::new(&registry);
    for line in commands.lines() {
        consumer.cargo(line.strip_prefix("cargo ").unwrap().split(' ')).ok();
    }
    let uses = "use acme_many_community_neoeinstein_prost::acme::{a::A, b::B, d::D};\n";
    let main = "fn main() { let _ = (A { b: Some(B::default()) }, D::default()); }\n";
    let consumer = consumer.file("src/main.rs", &format!("{uses}{main}"));
    consumer.build();
    let tree = consumer.cargo(["tree", "-e", "features", "-i", "acme_many_community_neoeinstein-prost"]).ok().stdout;
    assert!(tree.contains("feature \"acme.b\"") && !tree.contains("feature \"acme.c\""), "{tree}");
}

#[test]
fn the_crate_of_the_messages_has_no_more_than_the_services_need() {
    let registry = registry();
    let page = registry.get("/acme/many/sdks/main:community/neoeinstein-tonic?feature=acme.a").ok().text();
    // Only one package has a service, so there is nothing to pick.
    assert!(!page.contains("id=\"features\""), "{page}");
    let service = package("b") + "service S { rpc Get(B) returns (B); }\n";
    let module = Module::new("acme/many").file("a.proto", A).file("b.proto", service);
    module.file("c.proto", package("c")).push(&registry);
    let page = registry.get("/acme/many/sdks/main:community/neoeinstein-tonic?feature=acme.b").ok().text();
    let commands = block(&page, "Commands to add these packages", 0);
    let (tonic, prost) =
        ("acme_many_community_neoeinstein-tonic", "acme_many_community_neoeinstein-prost --no-default-features");
    let expected = [
        format!("cargo add --registry buf {tonic} --no-default-features --features acme.b"),
        format!("cargo add --registry buf {prost}"),
    ];
    assert_eq!(commands.lines().take(2).collect::<Vec<_>>(), expected);
    let consumer = Consumer::new(&registry);
    for line in commands.lines() {
        consumer.cargo(line.strip_prefix("cargo ").unwrap().split(' ')).ok();
    }
    let tree = consumer.cargo(["tree", "-e", "features", "-i", "acme_many_community_neoeinstein-prost"]).ok().stdout;
    assert!(tree.contains("feature \"acme.b\"") && !tree.contains("feature \"acme.c\""), "{tree}");
}
