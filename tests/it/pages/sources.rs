//! Sources on pages: names lead to their declarations, for those who may read them, and generated Rust is there to be read.

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, pets};

/// A page as a browser asks for it, with this token.
fn page(registry: &Registry, token: &str, path: &str) -> Answer {
    let headers = vec![format!("authorization: Bearer {token}"), "accept: text/html".into()];
    http::send(&registry.url, "GET", path, headers, &[])
}

const BASE: &str = "syntax = \"proto3\";
package acme.base;

// Where things are.
message Place { string name = 1; }
";

const TOP: &str = "syntax = \"proto3\";
package acme.top;
import \"google/protobuf/timestamp.proto\";
import \"acme/base.proto\";
import \"own.proto\";

message Visit {
  base.Place place = 1; // \"quoted\" <b>
  map<string, google.protobuf.Timestamp> times = 2;
  Inner inner = 3;
  Own own = 4;
  message Inner {}
}
";

/// acme/base, private to acme, and shared/top, which builds on it; the commit of the first.
fn modules(registry: &Registry) -> String {
    for organization in ["acme", "shared"] {
        registry.cli(["organization", "create", organization]).ok();
    }
    registry.cli(["module", "create", "acme/base", "--visibility", "private"]).ok();
    registry.cli(["module", "create", "shared/top", "--visibility", "private"]).ok();
    let base = Module::new("acme/base").file("acme/base.proto", BASE).push(registry).commit;
    let config = format!("version: v2\nname: {0}/shared/top\ndeps:\n  - {0}/acme/base\n", registry.host());
    let own = "syntax = \"proto3\"; package acme.top;\n\nmessage Own {}\n";
    Module::new("shared/top").file("buf.yaml", config).file("top.proto", TOP).file("own.proto", own).push(registry);
    base
}

#[test]
fn names_in_a_source_lead_to_their_declarations() {
    let registry = Registry::start();
    let base = modules(&registry);
    let shown = page(&registry, &registry.token, "/shared/top/files/main/top.proto").ok().text();
    for link in [
        format!("<a class=t href=\"/acme/base/files/{base}/acme/base.proto#L5\">base.Place</a>"),
        format!("<a class=s href=\"/acme/base/files/{base}/acme/base.proto\">&#34;acme/base.proto&#34;</a>"),
        "<a class=t href=\"#L12\">Inner</a>".into(),
        "<a class=t href=\"/shared/top/files/main/own.proto#L3\">Own</a>".into(),
        "<a class=t href=\"https://protobuf.dev/reference/protobuf/google.protobuf/#timestamp\" rel=".into(),
    ] {
        assert!(shown.contains(&link), "{link} is not in {shown}");
    }
    assert!(shown.contains("<span class=c>// &#34;quoted&#34; &#60;b&#62;</span>"), "{shown}");
    assert!(shown.contains("<a href=\"#L12\"><span class=\"quiet\">message</span> Inner</a>"), "no outline: {shown}");
}

#[test]
fn who_may_not_read_a_dependency_gets_the_source_without_links() {
    let registry = Registry::start();
    modules(&registry);
    let sam = registry.user_token("sam");
    registry.cli(["organization", "member", "set", "shared", "sam", "--role", "reader"]).ok();
    let shown = page(&registry, &sam, "/shared/top/files/main/top.proto").ok().text();
    assert!(shown.contains("<span class=t>base.Place</span>") && !shown.contains("/acme/base/"), "{shown}");
    page(&registry, &sam, "/acme/base/files/main/acme/base.proto").is(404);
}

#[test]
fn the_rust_of_a_crate_is_there_to_be_read() {
    let registry = Registry::start();
    let mut source = pets("name");
    for at in 0..400 {
        source += &format!("// Number {at}.\nmessage Thing{at} {{ string name = 1; }}\n");
    }
    Module::new("acme/pets").file("pets.proto", source).push(&registry);
    let sdk = "/acme/pets/sdks/main:community/neoeinstein-prost";
    let read = |path: &str| page(&registry, &registry.token, path);
    let overview = read(sdk).ok().text();
    assert!(overview.contains(&format!("<a href=\"{sdk}/files/src/acme.pets.v1.rs\">")), "{overview}");
    let first = read(&format!("{sdk}/files/src/acme.pets.v1.rs")).ok().text();
    assert!(first.contains("<span class=k>struct</span> <span class=t>Dog</span>"), "{first}");
    assert!(first.contains(&format!("href=\"{sdk}/files/src/acme.pets.v1.rs?part=2\"")), "it is in parts: {first}");
    let second = read(&format!("{sdk}/files/src/acme.pets.v1.rs?part=2")).ok().text();
    assert!(second.contains("id=\"L2001\"") && !second.contains("id=\"L2000\""), "{second}");
    assert!(read(&format!("{sdk}/files/Cargo.toml")).ok().text().contains("<span class=t>[package]</span>"));
    let missing = read(&format!("{sdk}/files/src/none.rs")).is(404).text();
    assert!(missing.contains("has no file src/none.rs"), "{missing}");
}
