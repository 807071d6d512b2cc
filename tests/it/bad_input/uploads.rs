//! Pushes that no usual client sends, and pushes that are too large.

use serde_json::json;

use super::{Refusals, new, proto};
use crate::support::{Registry, http, pets, upload};

#[test]
fn paths_that_only_a_hostile_client_sends() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    let text = &pets("name");
    for path in ["/a.proto", "../a.proto", "a/../../b.proto", "a\\b.proto", "", "a//b.proto", "a\u{0}.proto", "a.txt"] {
        refusals.upload(&format!("the path {path:?}"), &[(path, text)]);
    }
    refusals
        .upload("a path twice", &[("a.proto", text), ("a.proto", text)])
        .upload("paths that differ by case", &[("a/b.proto", text), ("A/b.proto", text)])
        .upload("no file at all", &[]);
    let method = "buf.registry.module.v1.UploadService/Upload";
    let mut labelled = upload("acme", "pets", &[("a.proto", text)]);
    labelled["contents"][0]["scopedLabelRefs"] = json!([{ "name": "a:b" }]);
    let mut locked = upload("acme", "pets", &[("a.proto", text)]);
    locked["depCommitIds"] = json!(["0123456789abcdef0123456789abcdef"]);
    refusals
        .call("a label that cannot be", method, &labelled)
        .call("an unknown dependency", method, &locked)
        .call("an unknown module", method, &upload("acme", "pest", &[("a.proto", text)]))
        .call("no content", method, &json!({}));
    insta::assert_snapshot!(refusals.text, @r#"
    the path "/a.proto":
    invalid_argument: module acme/pets: file path "/a.proto" is absolute; paths are relative to the module's directory

    the path "../a.proto":
    invalid_argument: module acme/pets: file path "../a.proto" holds an empty, `.` or `..` component; write it without

    the path "a/../../b.proto":
    invalid_argument: module acme/pets: file path "a/../../b.proto" holds an empty, `.` or `..` component; write it without

    the path "a\\b.proto":
    invalid_argument: module acme/pets: file path "a\\b.proto" holds '\\'; components are separated by `/`, and control characters are not allowed

    the path "":
    invalid_argument: module acme/pets: file path "" has 0 bytes; it must have 1 to 4096

    the path "a//b.proto":
    invalid_argument: module acme/pets: file path "a//b.proto" holds an empty, `.` or `..` component; write it without

    the path "a\0.proto":
    invalid_argument: module acme/pets: file path "a\0.proto" holds '\0'; components are separated by `/`, and control characters are not allowed

    the path "a.txt":
    invalid_argument: module acme/pets: file a.txt does not belong to a module: only .proto files, one README.md (or buf.md), LICENSE and registry.yaml do

    a path twice:
    invalid_argument: module acme/pets: file a.proto is there twice

    paths that differ by case:
    invalid_argument: module acme/pets: files A/b.proto and a/b.proto differ only by case; rename one, or the module cannot be checked out everywhere

    no file at all:
    invalid_argument: module acme/pets: no .proto files found; a module needs at least one

    a label that cannot be:
    invalid_argument: label "a:b" holds ':', which a label may not hold

    an unknown dependency:
    not_found: dependency commit 0123456789abcdef0123456789abcdef is not in this registry; push the module that it belongs to here first, then update buf.lock

    an unknown module:
    not_found: module acme/pest is not in this registry; did you mean acme/pets?

    no content:
    invalid_argument: contents is empty; name at least one
    "#);
}

#[test]
fn what_is_too_large_names_limit_and_flag() {
    let registry = Registry::with(|options| {
        options.flag("max-body-bytes", "64KiB").flag("max-files", "3").flag("max-file-bytes", "40KiB");
        options.flag("max-nesting", "5");
    });
    let mut refusals = Refusals::of(&registry);
    let long = |bytes: usize| format!("{}//{}\n", pets("name"), "x".repeat(bytes));
    let many = (0..4).fold(new(), |module, n| module.file(&format!("{n}.proto"), proto("")));
    refusals
        .push("too many files", many)
        .push("a large file", new().file("a.proto", long(41_000)))
        .push("a large push", new().file("a.proto", long(35_000)).file("b.proto", format!("//{}", "x".repeat(35_000))))
        .push("nesting", new().file("a.proto", proto(&format!("{}{}", "message M {".repeat(6), "}".repeat(6)))));
    for (situation, framing) in [("a length above the limit", None), ("chunks above the limit", Some("chunked"))] {
        let answer = post_large(&registry, framing);
        assert_eq!(answer.status, 429, "{}", answer.text());
        refusals.note(situation, &answer.text());
    }
    insta::assert_snapshot!(refusals.text, @r#"
    too many files:
    error: the push is 4 files, more than the limit of 3; the server's --max-files changes the limit

    a large file:
    error: file a.proto is 41077 bytes, more than the limit of 40960; the server's --max-file-bytes changes the limit

    a large push:
    error: the request is 70133 bytes, more than the limit of 65536; the server's --max-body-bytes changes the limit

    nesting:
    error: a.proto:2:66: the nesting is 6 levels, more than the limit of 5; the server's --max-nesting changes the limit

    a length above the limit:
    {"code":"resource_exhausted","message":"the request is 70000 bytes, more than the limit of 65536; the server's --max-body-bytes changes the limit"}

    chunks above the limit:
    {"code":"resource_exhausted","message":"the request, as far as it was read, is 65537 bytes, more than the limit of 65536; the server's --max-body-bytes changes the limit"}
    "#);
}

/// 70,000 bytes, with their length or in one chunk.
fn post_large(registry: &Registry, framing: Option<&str>) -> http::Answer {
    use std::io::Write as _;
    let body = "x".repeat(70_000);
    let mut headers = vec![registry.authorization(), "content-type: application/proto".to_owned()];
    let path = "/buf.registry.module.v1.UploadService/Upload";
    let Some(framing) = framing else {
        return http::send(&registry.url, "POST", path, headers, body.as_bytes());
    };
    headers.push(format!("transfer-encoding: {framing}"));
    let mut stream = http::connect(&registry.url).unwrap();
    stream.write_all(http::head("POST", path, &headers).as_bytes()).unwrap();
    let _ = write!(stream, "{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    http::Answer::read(&mut stream)
}
