//! The page of an SDK, as somebody uses it who copies what it shows.

use crate::support::{Consumer, Module, Registry, http};

const ZOO: &str = "syntax = \"proto3\";
package acme.zoo.v1;
message Cage { bytes lock = 1; optional string owner = 2; }
message Result { string text = 1; }
message Animal { Cage cage = 1; string full_name = 2; int64 type = 3; bool old = 4 [deprecated = true]; }
message GetRequest { message Filter { bool old = 1; } Filter filter = 1; string name = 2; }
service Zoo {
  rpc Watch(GetRequest) returns (stream Animal);
  rpc Get(GetRequest) returns (Animal);
}
";

fn zoo() -> Registry {
    let registry = Registry::start();
    Module::new("acme/zoo").file("zoo.proto", ZOO).push(&registry);
    registry
}

/// What is shown in the block with this label, `at` of several.
#[track_caller]
pub(super) fn block(page: &str, label: &str, at: usize) -> String {
    let found = page.split(&format!("aria-label=\"{label}\"><code data-copy>")).nth(at + 1);
    let html = found.unwrap_or_else(|| panic!("no {label} in {page}")).split("</code>").next().unwrap();
    let text: String = html
        .split('<')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('>').unwrap().1 })
        .collect();
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

/// A project with everything that the page of this plugin says, in its `at`th way to add the crate.
fn follow(registry: &Registry, plugin: &str, at: usize) -> Consumer {
    let path = format!("/acme/zoo/sdks/main:{plugin}");
    let page = registry.get(&path).ok().text();
    let consumer = Consumer::new(registry);
    for line in block(&page, "Commands to add the crate", at).lines() {
        let arguments = line.strip_prefix("cargo ").unwrap_or_else(|| panic!("{line} is no command of cargo"));
        consumer.cargo(arguments.split(' ')).ok();
    }
    consumer.file("src/main.rs", &block(&page, "A whole program", 0))
}

#[test]
fn the_shown_program_with_messages_compiles_and_runs() {
    let registry = zoo();
    for at in 0..3 {
        let consumer = follow(&registry, "community/neoeinstein-prost", at);
        if at == 0 {
            consumer.build();
            consumer.run();
        } else {
            consumer.cargo(["generate-lockfile", "--quiet"]).ok();
        }
    }
    let main = follow(&registry, "community/neoeinstein-prost", 0).read("src/main.rs");
    let message = "    let message = Animal {\n        full_name: \"full name\".into(),\n        r#type: 1,\n";
    assert!(main.contains(message), "{main}");
    registry.cli(["sdk", "generate", "acme/zoo", "--plugin", "anthropics/buffa"]).ok();
    let consumer = follow(&registry, "anthropics/buffa", 0);
    consumer.build();
    consumer.run();
}

#[test]
fn the_shown_program_with_a_call_compiles() {
    let registry = zoo();
    let consumer = follow(&registry, "community/neoeinstein-tonic", 2);
    consumer.build();
    let main = consumer.read("src/main.rs");
    assert!(main.contains("client.get(request).await?") && main.contains("        name: \"name\".into(),\n"), "{main}");
    let manifest = consumer.read("Cargo.toml");
    for part in ["tonic = \"0.14\"", "acme_zoo_community_neoeinstein-prost = { version = \"=0.5.0-"] {
        assert!(manifest.contains(part), "{part} is not in {manifest}");
    }
    registry.cli(["sdk", "generate", "acme/zoo", "--plugin", "connectrpc/rust"]).ok();
    follow(&registry, "connectrpc/rust", 0).build();
}

#[test]
fn an_sdk_that_failed_shows_why_and_no_step_that_cannot_be_taken() {
    let registry = Registry::with(|options| _ = options.flag("anonymous-reads", "true"));
    let source = "syntax = \"proto3\";\npackage p;\nmessage Order {}\nservice Shop { rpc _(Order) returns (Order); }\n";
    Module::new("acme/broken").file("broken.proto", source).push(&registry);
    let path = "/acme/broken/sdks/main:community/neoeinstein-tonic";
    let page = registry.get(path).ok().text();
    assert!(page.contains("Generation failed") && page.contains(">Retry</button>"), "{page}");
    assert!(!page.contains("cargo login") && !page.contains("class=\"steps\""), "{page}");

    // A module that everybody may read needs no login, a private one does.
    for (module, visibility) in [("acme/open", "public"), ("acme/closed", "private")] {
        let module = Module::new(module).file("zoo.proto", ZOO).argument(&format!("--visibility={visibility}"));
        module.push(&registry);
    }
    let page = |name: &str| {
        let path = format!("/acme/{name}/sdks/main:community/neoeinstein-prost");
        let token = format!("authorization: Bearer {}", registry.token);
        http::send(&registry.url, "GET", &path, vec![token], &[]).ok().text()
    };
    assert!(!page("open").contains("id=\"login\""));
    let closed = page("closed");
    assert!(closed.find("id=\"login\"").unwrap() < closed.find("Add the crate").unwrap());
}
