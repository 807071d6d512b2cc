//! `buf push` of one module: creating it, pushing again, what the terminal hears of the crates.

use crate::support::{Buf, Registry, commit};

#[test]
fn a_module_is_created_only_when_asked_for() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.run(["push", "common"]).fails().says("module acme/common is not in this registry");
    let pushed = buf.run(["push", "common", "--create"]).ok();
    let id = commit(&pushed);
    pushed.prints_exactly(&format!("{}/acme/common:{id}", buf.host()));
    // By default nobody else sees it.
    let stranger = Buf::with_token(&registry, Some(&registry.user_token("sam")));
    stranger.run(["build", "HOST/acme/common"]).fails().says("module acme/common is not in this registry");
}

#[test]
fn a_module_is_created_for_everyone() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.run(["push", "common", "--create", "--create-visibility", "public"]).ok();
    Buf::with_token(&registry, Some(&registry.user_token("sam"))).run(["build", "HOST/acme/common"]).ok();
}

#[test]
fn the_same_content_is_the_same_commit_and_nothing_is_said() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let first = buf.push("common");
    let again = buf.run(["push", "common"]).ok().says_nothing();
    assert_eq!(commit(&again), first);
    // Documentation is content.
    buf.write("common/README.md", "another\n");
    assert_ne!(buf.push("common"), first);
    // Content of a commit that is not the newest makes a new one.
    buf.write("common/README.md", "root readme\n");
    assert_ne!(buf.push("common"), first);
}

#[test]
fn the_terminal_hears_of_every_new_crate() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let service = "syntax = \"proto3\";\npackage till.v1;\nmessage M {}\nservice Till { rpc Pay(M) returns (M); }\n";
    buf.write("common/till/v1/till.proto", service);
    let pushed = buf.run(["push", "common", "--create"]).ok();
    for plugin in ["prost", "tonic"] {
        let name = format!("acme_common_community_neoeinstein-{plugin}");
        let version = buf.version("acme/common", &format!("community/neoeinstein-{plugin}"));
        let line = format!("{name} {version} is ready: cargo add --registry buf {name}\n");
        assert!(pushed.stderr.contains(&line), "{line:?} is missing:\n{pushed}");
    }
}

#[test]
fn a_crate_that_cannot_be_made_does_not_undo_the_push() {
    let registry = Registry::with(|options| {
        options.flag("max-sdk-bytes", "100");
    });
    let buf = Buf::new(&registry).acme().common();
    let pushed = buf.run(["push", "common", "--create"]).ok();
    let id = commit(&pushed);
    pushed.says("WARN").says("acme_common_community_neoeinstein-prost 0.5.0-").says("could not be generated: ");
    buf.run(["registry", "module", "commit", "resolve", "HOST/acme/common"]).ok().prints(&id);
    // Pushed again, it is said again.
    assert_eq!(commit(&buf.run(["push", "common"]).ok().says("could not be generated: ")), id);
}

#[test]
fn what_only_rust_finds_alike_is_taken() {
    let registry = Registry::start();
    let buf = Buf::new(&registry)
        .acme()
        .module("acme/clash", &[])
        .file("clash/shop/cart.proto", "syntax = \"proto3\";\npackage shop;\nmessage Cart { message Line {} }\n")
        .file("clash/shop/cart/v1/cart.proto", "syntax = \"proto3\";\npackage shop.cart.v1;\nmessage A {}\n");
    buf.run(["push", "clash", "--create"]).ok();
    buf.run(["build", "HOST/acme/clash"]).ok();
}

#[test]
fn where_the_sources_are_is_kept() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let url = "https://git.example/acme/common/commit/1";
    let pushed = buf.run(["push", "common", "--create", "--source-control-url", url]).ok();
    let reference = format!("HOST/acme/common:{}", commit(&pushed));
    let info = ["registry", "module", "commit", "info", &reference, "--format", "json"];
    assert_eq!(buf.run(info).ok().json()["source_control_url"], url);
    buf.write("common/LICENSE", "MIT\n");
    let bad = ["push", "common", "--source-control-url", "javascript:alert(1)"];
    buf.run(bad).fails().says("source_control_url").says("is not a web address");
}
