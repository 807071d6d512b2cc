//! What the registry says to cargo on the wire: headers, statuses, texts, and what a request sets in motion.

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, Module, Registry, Request};

const PROST: &str = "acme_pets_community_neoeinstein-prost";
const TONIC: &str = "acme_pets_community_neoeinstein-tonic";

fn pets() -> Module {
    let text =
        "syntax = \"proto3\";\npackage pets;\nmessage Dog {}\nservice Kennel { rpc Adopt(Dog) returns (Dog); }\n";
    Module::new("acme/pets").file("pets.proto", text)
}

/// The path of a crate's page.
fn page(name: &str) -> String {
    format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4])
}

fn get(registry: &Registry, path: &str) -> Answer {
    Request::get(path).with_token_of(registry).send(registry)
}

/// A registry that generates nothing unasked.
fn lazy() -> Registry {
    Registry::with(|options| {
        options.flag("eager-plugins", "");
    })
}

fn listed(registry: &Registry) -> Vec<Value> {
    registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().json().as_array().unwrap().clone()
}

#[test]
fn config_json_asks_for_a_token_and_then_tells_where_things_are() {
    let registry = Registry::start();
    let path = "/gen/cargo/config.json";
    let refused = Request::get(path).send(&registry).is(401);
    let challenge = refused.header("www-authenticate");
    assert!(challenge.starts_with(&format!("Cargo login_url=\"{}/", registry.url)), "{challenge}");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert!(refused.text().contains("cargo login"), "{}", refused.text());

    let config = get(&registry, path).is(200);
    assert_eq!((config.header("content-type"), config.header("cache-control")), ("application/json", "no-cache"));
    let here = format!("{}/gen/cargo", registry.url);
    let expected = serde_json::json!({"dl": format!("{here}/api/v1/crates"), "api": here, "auth-required": true});
    assert_eq!(config.json(), expected);

    let open = Registry::with(|options| {
        options.flag("anonymous-reads", "true");
    });
    assert_eq!(Request::get(path).send(&open).is(200).json()["auth-required"], false);
}

#[test]
fn a_version_tells_when_it_was_published_and_is_otherwise_the_published_line() {
    let registry = Registry::start();
    pets().push(&registry);
    let line = get(&registry, &page(PROST)).is(200).text();
    let (published, time) = line.trim_end().rsplit_once(",\"pubtime\":\"").expect("a time");
    let time = time.strip_suffix("\"}").expect("the time is the last member");
    assert!(time.len() == "2025-11-12T19:30:12Z".len() && time.ends_with('Z'), "{time}");
    let database = rusqlite::Connection::open(registry.data_dir.join("registry.db")).unwrap();
    let find = "SELECT index_line FROM sdks WHERE index_line LIKE ?1";
    let stored: String = database.query_row(find, [format!("{{\"name\":\"{PROST}\"%")], |row| row.get(0)).unwrap();
    assert_eq!(format!("{published}}}"), stored);
}

#[test]
fn a_token_comes_as_bearer_bare_or_basic_and_a_wrong_one_is_explained() {
    let registry = Registry::start();
    pets().push(&registry);
    let ask = |header: String| Request::get(&page(PROST)).header("authorization", header).send(&registry);
    let token = &registry.token;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("someone:{token}"));
    for accepted in [format!("Bearer {token}"), token.clone(), format!("Basic {basic}")] {
        assert_eq!(ask(accepted).is(200).lines().len(), 1);
    }
    let created = registry.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    let revoked = created["token"].as_str().unwrap();
    ask(revoked.into()).is(200);
    registry.cli(["token", "revoke", created["id"].as_str().unwrap()]).ok();
    for (wrong, why) in [
        (format!("Bearer {revoked}"), "was revoked"),
        (format!("{}0", registry.token), "unknown"),
        ("Digest x".into(), "malformed"),
    ] {
        let refused = ask(wrong).is(401);
        assert!(refused.text().contains(why), "{}", refused.text());
        assert!(!refused.header("www-authenticate").is_empty());
    }
    Request::get(&page(PROST)).send(&registry).is(401);
}

#[test]
fn an_index_page_is_not_sent_twice() {
    let registry = Registry::start();
    pets().push(&registry);
    let first = get(&registry, &page(PROST)).is(200);
    assert_eq!(first.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let etag = first.header("etag").to_owned();
    assert!(etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");

    let again =
        |etag: &str| Request::get(&page(PROST)).with_token_of(&registry).header("if-none-match", etag).send(&registry);
    let unchanged = again(&etag).is(304);
    assert!(unchanged.body.is_empty());
    assert_eq!(unchanged.header("etag"), etag);
    // A validator is no credential.
    Request::get(&page(PROST)).header("if-none-match", etag.as_str()).send(&registry).is(401);

    pets().file("more.proto", "syntax = \"proto3\";\n").push(&registry);
    let changed = again(&etag).is(200);
    assert_eq!(changed.lines().len(), 2, "a push is visible to the next request");
    assert_ne!(changed.header("etag"), etag);
    let head = Request::head(&page(PROST)).with_token_of(&registry).send(&registry).is(200);
    assert!(head.body.is_empty());
    assert_eq!(head.header("etag"), changed.header("etag"));
}

#[test]
fn a_line_tells_the_checksum_and_that_sdks_are_in_the_same_registry() {
    let registry = Registry::start();
    let pushed = pets().push(&registry);
    let line = get(&registry, &page(TONIC)).is(200).lines().remove(0);
    let version = &pushed.sdk("community/neoeinstein-tonic").version;
    assert_eq!((&line["name"], &line["vers"], &line["yanked"]), (&TONIC.into(), &(**version).into(), &false.into()));
    let deps = line["deps"].as_array().unwrap();
    for dep in deps {
        let here = dep["name"].as_str().unwrap().starts_with("acme_");
        let expected = if here { Value::Null } else { "https://github.com/rust-lang/crates.io-index".into() };
        assert!(dep.as_object().unwrap().contains_key("registry") && dep["registry"] == expected, "{dep}");
    }
    assert!(deps.iter().any(|dep| dep["name"] == PROST), "{line}");

    let path = format!("/gen/cargo/api/v1/crates/{TONIC}/{version}/download");
    let bytes = get(&registry, &path).is(200);
    let digest: String = Sha256::digest(&bytes.body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(line["cksum"], digest);
    assert_eq!(bytes.header("content-length"), bytes.body.len().to_string());
    assert_eq!((bytes.header("content-type"), bytes.header("content-encoding")), ("application/gzip", ""));
    assert_eq!(bytes.header("cache-control"), "private, max-age=31536000, immutable");
    Request::get(&path).send(&registry).is(401);
}

#[test]
fn every_spelling_leads_to_the_one_name() {
    let registry = Registry::start();
    Module::new("acme/house-pets").file("a.proto", "syntax = \"proto3\";\nmessage A {}\n").push(&registry);
    let name = "acme_house-pets_community_neoeinstein-prost";
    for spelling in [name.to_owned(), name.replace('-', "_"), name.replace('_', "-"), name.to_uppercase()] {
        let line = get(&registry, &page(&spelling)).is(200).lines().remove(0);
        assert_eq!(line["name"], name, "asked for {spelling}");
    }
}

#[test]
fn a_404_says_go_on_and_a_422_is_for_people() {
    let registry = Registry::start();
    pets().push(&registry);
    for foreign in
        ["/gen/cargo/se/rd/serde", "/gen/cargo/3/a/abc", "/gen/cargo/xx/yy/acme_pets_community_neoeinstein-prost"]
    {
        get(&registry, foreign).is(404);
    }
    for (name, text) in [
        ("acme_pest_community_neoeinstein-prost", "module acme/pest is not in this registry; did you mean acme/pets?"),
        ("acne_pets_community_neoeinstein-prost", "there is no owner acne; did you mean acme/pets?"),
        ("acme_pets_community_neoeinstein-rost", "plugin community/neoeinstein-rost is not known here"),
    ] {
        let refused = get(&registry, &page(name)).is(422);
        assert_eq!(refused.header("content-type"), "text/plain; charset=utf-8");
        assert!(refused.text().contains(text), "{}", refused.text());
    }
    registry.cli(["module", "create", "acme/empty"]).ok();
    let empty = get(&registry, &page("acme_empty_community_neoeinstein-prost")).is(422);
    assert!(empty.text().contains("nothing was pushed to label main of module acme/empty"), "{}", empty.text());

    let download = |version: &str| get(&registry, &format!("/gen/cargo/api/v1/crates/{PROST}/{version}/download"));
    let near = listed(&registry)[0]["version"].as_str().unwrap().replace("0.5.0", "0.5.1");
    let refused = download(&near).is(404);
    assert!(
        refused.text().contains("has no version") && refused.text().contains("its newest is 0.5.0-"),
        "{}",
        refused.text()
    );
    download("1.0").is(404);
}

#[test]
fn the_first_request_makes_the_crate_and_every_push_after_it_another() {
    let registry = lazy();
    assert!(pets().push(&registry).sdks.is_empty());
    assert!(listed(&registry).is_empty());
    assert_eq!(get(&registry, &page(TONIC)).is(200).lines().len(), 1);
    let pushed = pets().file("more.proto", "syntax = \"proto3\";\n").push(&registry);
    pushed.sdk("community/neoeinstein-tonic");
    assert_eq!(get(&registry, &page(TONIC)).is(200).lines().len(), 2);
}

#[test]
fn many_requests_at_once_make_a_crate_once() {
    let registry = lazy();
    pets().push(&registry);
    let pages: Vec<String> = std::thread::scope(|scope| {
        let ask = || get(&registry, &page(TONIC)).is(200).text();
        let requests: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        requests.into_iter().map(|request| request.join().unwrap()).collect()
    });
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
    // Tonic's, and prost's beneath it.
    assert_eq!(registry.log().matches("SDK published").count(), 2, "{}", registry.log());
    assert_eq!(listed(&registry).len(), 2);
}
