//! Pages as a program reads them: what grows with a module stays small and keeps its addresses, and progress is told
//! until there is none.

use std::fmt::Write as _;

use crate::support::{Answer, Module, Registry, http, pets};

/// A page as browsers get it, where whatever is shown must stay below 50 KB before it is packed.
#[track_caller]
fn small(registry: &Registry, path: &str) -> String {
    let page = registry.get(path).ok().text();
    assert!(page.len() < 50_000, "{path} takes {} bytes", page.len());
    page
}

#[test]
fn a_large_package_has_a_page_for_each_declaration_under_its_anchor() {
    let registry = Registry::start();
    let mut source = String::from("syntax = \"proto3\";\npackage acme.v1;\n");
    for at in 0..700 {
        writeln!(source, "// Number {at}.\nmessage Thing{at} {{ string name = 1; message In {{ Thing0 of = 1; }} }}")
            .unwrap();
    }
    Module::new("acme/large").file("large.proto", source).push(&registry);

    let path = "/acme/large/docs/main/acme.v1";
    let first = small(&registry, path);
    // Somebody may come with an anchor alone: the name stands there, with the way on.
    let row =
        r#"<li id="Thing7"><a href="?symbol=Thing7#Thing7">Thing7</a> <span class="quiet small">Number 7.</span>"#;
    assert!(first.contains(row), "{first}");
    assert!(first.contains("page=7"), "1,400 names are 7 pages");
    assert!(small(&registry, &format!("{path}?page=7")).contains("Thing699.In"));
    assert!(small(&registry, &format!("{path}?find=thing42.i")).contains("Thing42.In"));

    let one = small(&registry, &format!("{path}?symbol=Thing7.In.of"));
    assert!(one.contains(r#"id="Thing7.In.of""#) && !one.contains(r#"id="Thing7""#), "{one}");
    assert!(one.contains(r##"href="?symbol=Thing0#Thing0""##), "{one}");
    let missing = registry.get(&format!("{path}?symbol=Thing")).is(404).text();
    assert!(missing.contains("package acme.v1 declares no Thing"), "{missing}");
}

#[test]
fn many_files_are_listed_by_folder() {
    let registry = Registry::start();
    let mut module = Module::new("acme/many").file("README.md", "# Many\n");
    for at in 0..200 {
        let package = at / 20;
        let source = format!("syntax = \"proto3\";\npackage acme.p{package};\nmessage M{at} {{}}\n");
        module = module.file(&format!("acme/p{package}/m{at}.proto"), source);
    }
    module.push(&registry);
    let top = small(&registry, "/acme/many/files/main");
    assert!(top.contains("201 files") && top.contains("README.md") && !top.contains("m7.proto"), "{top}");
    assert!(small(&registry, "/acme/many/files/main/acme").contains("/acme/many/files/main/acme/p9"));
    assert!(small(&registry, "/acme/many/files/main/acme/p3").contains("m77.proto"));
    registry.get("/acme/many/files/main/acme/p77").is(404);
}

/// A form of one of our pages, sent by whoever has this token.
fn send(registry: &Registry, token: &str, path: &str, form: &str) -> Answer {
    let headers = vec![
        format!("authorization: Bearer {token}"),
        format!("host: {}", registry.host()),
        format!("origin: {}", registry.url),
        "sec-fetch-site: same-origin".into(),
        "content-type: application/x-www-form-urlencoded".into(),
    ];
    http::send(&registry.url, "POST", path, headers, form.as_bytes())
}

#[test]
fn who_only_reads_has_an_sdk_made_but_not_with_every_push() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let created = registry.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    let reader = created["token"].as_str().unwrap();
    let path = "/acme/pets/sdks/main:anthropics/buffa";
    let page = http::send(&registry.url, "GET", path, vec![format!("authorization: Bearer {reader}")], &[]);
    assert!(!page.ok().text().contains("name=\"keep\""));
    let refused = send(&registry, reader, path, "do=generate&keep=yes").is(403).text();
    assert!(refused.contains("this token may only read"), "{refused}");
    send(&registry, reader, path, "do=generate").is(303);
    let kept = registry.cli(["interest", "list", "acme/pets"]).ok();
    assert!(!kept.stdout.contains("anthropics/buffa"), "{kept}");
}

#[test]
fn progress_is_told_until_an_sdk_is_done() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let path = "/acme/pets/sdks/main:anthropics/buffa";
    send(&registry, &registry.token, path, "do=generate").is(303);
    let events: Answer = registry.get(&format!("{path}/events")).ok();
    assert_eq!(events.header("content-type"), "text/event-stream");
    let text = events.text();
    let words: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert!(words.ends_with(&["served"]), "{text}");
    assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{text}");
}
