//! Requests that no client should send: each is refused with the code that says what is wrong with it, none is a
//! fault of the server's own.

use std::io::Write as _;
use std::time::Duration;

use serde_json::json;

use crate::support::{Buf, Post, Registry, framed};

const GET_MODULES: &str = "buf.registry.module.v1.ModuleService/GetModules";
const GET_COMMITS: &str = "buf.registry.module.v1.CommitService/GetCommits";
const LIST_COMMITS: &str = "buf.registry.module.v1.CommitService/ListCommits";
const GET_GRAPH: &str = "buf.registry.module.v1.GraphService/GetGraph";
const DOWNLOAD: &str = "buf.registry.module.v1.DownloadService/Download";
const UPLOAD: &str = "buf.registry.module.v1.UploadService/Upload";

fn common(registry: &Registry) -> String {
    Buf::new(registry).acme().common().push("common")
}

fn named(name: &str) -> serde_json::Value {
    json!({ "name": { "owner": "acme", "module": name } })
}

#[test]
fn content_types_that_are_not_spoken_are_unsupported() {
    let registry = Registry::start();
    for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
        let reply = Post::to(&registry, GET_MODULES).header("content-type", kind).body("x").send();
        assert_eq!(reply.status, 415, "{kind}: {}", reply.text());
    }
    assert!((400..500).contains(&Post::to(&registry, GET_MODULES).body("x").send().status));
    registry.is_well();
}

#[test]
fn messages_that_do_not_parse_are_invalid() {
    let registry = Registry::start();
    let binary =
        |body: &[u8]| Post::to(&registry, GET_MODULES).header("content-type", "application/proto").body(body).send();
    // Cut off in a length, a group that never ends, a length beyond the end, text that is not UTF-8.
    for body in
        [&b"\x0a\x05ab"[..], b"\x0b", b"\x0a\xff\xff\xff\xff\x7f", b"\x0a\x04\x0a\x02\xff\xfe", b"\x00", b"\x0a\x80"]
    {
        binary(body).refuses("invalid_argument", "");
    }
    for body in ["{", "[]", "\"\"", "{\"moduleRefs\": 3}", "{\"moduleRefs\": [{\"id\": 3}]}"] {
        let post = Post::to(&registry, GET_MODULES).header("content-type", "application/json").body(body);
        post.send().refuses("invalid_argument", "");
    }
    // Messages that hold each other a hundred thousand levels deep.
    let mut deep = Vec::new();
    deep.extend(std::iter::repeat_n(b'\x0b', 100_000));
    binary(&deep).refuses("invalid_argument", "");
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    let post = Post::to(&registry, GET_MODULES).header("content-type", "application/json").body(deep);
    post.send().refuses("invalid_argument", "");
    registry.is_well();
}

#[test]
fn fields_that_are_not_known_are_passed_over() {
    let registry = Registry::start();
    common(&registry);
    let mut body = b"\x0a\x10\x12\x0e\x0a\x04acme\x12\x06common".to_vec();
    body.extend(b"\xfa\x3f\x03abc\x98\x3f\x05");
    let reply = Post::to(&registry, GET_MODULES).header("content-type", "application/proto").body(body).send();
    assert_eq!(reply.status, 200, "{}", reply.text());
    let reply = Post::json(&registry, GET_MODULES, &json!({ "moduleRefs": [named("common")], "future": 1 })).send();
    assert!(reply.status == 200 || reply.json()["code"] == "invalid_argument", "{}", reply.text());
}

#[test]
fn compressed_messages_are_read_and_false_ones_refused() {
    let registry = Registry::start();
    common(&registry);
    let message = json!({ "moduleRefs": [named("common")] }).to_string();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(message.as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let post = |encoding: &str, body: &[u8]| {
        let post = Post::to(&registry, GET_MODULES).header("content-type", "application/json");
        post.header("content-encoding", encoding).body(body).send()
    };
    assert_eq!(post("gzip", &packed).json()["modules"][0]["name"], "common");
    post("gzip", &packed[..packed.len() / 2]).refuses("invalid_argument", "");
    post("gzip", message.as_bytes()).refuses("invalid_argument", "");
    post("snappy", &packed).refuses("unimplemented", "snappy");
    registry.is_well();
}

#[test]
fn messages_that_are_too_large_are_refused_with_the_flag_to_change() {
    let registry = Registry::with(|options| {
        options.flag("max-body-bytes", "64KiB");
    });
    let buf = Buf::new(&registry).acme().common();
    buf.write("common/LICENSE", &"x".repeat(70_000));
    buf.run(["push", "common", "--create"]).fails().says("resource_exhausted").says("--max-body-bytes");
    let reply = Post::to(&registry, UPLOAD).header("content-type", "application/proto").body(vec![0; 70_000]).send();
    reply.refuses("resource_exhausted", "--max-body-bytes");
    registry.is_well();
}

#[test]
fn a_client_that_stops_in_the_middle_leaves_nothing_behind() {
    let registry = Registry::start();
    let id = common(&registry);
    for announced in [100, 10_000_000] {
        let post = Post::to(&registry, UPLOAD).header("content-type", "application/proto");
        post.body(b"\x0a\x10\x0a\x0e".to_vec()).announce_and_leave(announced);
    }
    std::thread::sleep(Duration::from_millis(100));
    let list = json!({ "resourceRef": named("common") });
    let commits = Post::json(&registry, LIST_COMMITS, &list).send().json();
    assert_eq!(commits["commits"].as_array().unwrap().len(), 1);
    assert_eq!(commits["commits"][0]["id"], *id);
    registry.is_well();
}

#[test]
fn batches_are_bounded() {
    let registry = Registry::start();
    common(&registry);
    let many = vec![named("common"); 251];
    for (method, request) in [
        (GET_MODULES, json!({ "moduleRefs": many })),
        (GET_COMMITS, json!({ "resourceRefs": many })),
        (GET_GRAPH, json!({ "resourceRefs": many })),
        (DOWNLOAD, json!({ "values": vec![json!({ "resourceRef": named("common") }); 251] })),
        (UPLOAD, json!({ "contents": vec![json!({ "moduleRef": named("common") }); 251] })),
        ("buf.registry.owner.v1.OwnerService/GetOwners", json!({ "ownerRefs": vec![json!({ "name": "acme" }); 251] })),
    ] {
        Post::json(&registry, method, &request).send().refuses("invalid_argument", "251");
        Post::json(&registry, method, &json!({})).send().refuses("invalid_argument", "at least one");
    }
    let most = vec![named("common"); 250];
    let modules = Post::json(&registry, GET_MODULES, &json!({ "moduleRefs": most })).send().json();
    assert_eq!(modules["modules"].as_array().unwrap().len(), 250);
}

#[test]
fn pages_are_asked_for_with_our_own_tokens() {
    let registry = Registry::start();
    common(&registry);
    let ask = |size: u32, token: &str| {
        let list = json!({ "resourceRef": named("common"), "pageSize": size, "pageToken": token });
        Post::json(&registry, LIST_COMMITS, &list).send()
    };
    let long = "x".repeat(5000);
    for token in ["mine", "0", "-", "18446744073709551615-00000000", "\u{1F600}", "'; drop table commits", &long] {
        ask(10, token).refuses("invalid_argument", "page_token");
    }
    ask(251, "").refuses("invalid_argument", "page_size");
    ask(u32::MAX, "").refuses("invalid_argument", "page_size");
}

#[test]
fn ids_and_names_that_are_none_are_invalid_and_unknown_ones_not_found() {
    let registry = Registry::start();
    let id = common(&registry);
    let dashed = format!("{}-{}", &id[..8], &id[8..]);
    for bad in ["", "short", &dashed, &format!("{id}0"), "00000000000000000000000000000000"] {
        let reply = Post::json(&registry, GET_COMMITS, &json!({ "resourceRefs": [{ "id": bad }] })).send();
        reply.refuses("invalid_argument", "");
    }
    let unknown = "00000000000040008000000000000000";
    for method in [GET_COMMITS, GET_GRAPH] {
        let reply = Post::json(&registry, method, &json!({ "resourceRefs": [{ "id": unknown }] })).send();
        reply.refuses("not_found", unknown);
    }
    let reply = Post::json(&registry, DOWNLOAD, &json!({ "values": [{ "resourceRef": { "id": unknown } }] })).send();
    reply.refuses("not_found", unknown);
    Post::json(&registry, GET_MODULES, &json!({ "moduleRefs": [{}] })).send().refuses("invalid_argument", "empty");
    Post::json(&registry, GET_MODULES, &json!({ "moduleRefs": [named("../x")] }))
        .send()
        .refuses("invalid_argument", "");
}

/// An upload to acme/common with these paths.
fn upload(paths: &[&str], dependencies: &[&str]) -> serde_json::Value {
    let files: Vec<_> = paths.iter().map(|path| json!({ "path": path, "content": "" })).collect();
    json!({ "contents": [{ "moduleRef": named("common"), "files": files }], "depCommitIds": dependencies })
}

#[test]
fn uploads_that_make_no_module_are_invalid() {
    let registry = Registry::start();
    common(&registry);
    let long = format!("{}.proto", "x".repeat(4100));
    for path in
        ["/a.proto", "../a.proto", "a/../b.proto", "./a.proto", "a//b.proto", "a\\b.proto", "", "a\0.proto", &long]
    {
        Post::json(&registry, UPLOAD, &upload(&[path], &[])).send().refuses("invalid_argument", "");
    }
    for paths in
        [&[][..], &["README.md"], &["a.proto", "a.proto"], &["a.proto", "buf.yaml"], &["a.proto", "a.proto/b.proto"]]
    {
        Post::json(&registry, UPLOAD, &upload(paths, &[])).send().refuses("invalid_argument", "");
    }
    let unknown = "00000000000040008000000000000000";
    Post::json(&registry, UPLOAD, &upload(&["a.proto"], &[unknown])).send().refuses("not_found", unknown);
    Post::json(&registry, UPLOAD, &upload(&["a.proto"], &["x"])).send().refuses("invalid_argument", "dependency");
    // A module is not pushed twice at once.
    let mut twice = upload(&["a.proto"], &[]);
    let content = twice["contents"][0].clone();
    twice["contents"].as_array_mut().unwrap().push(content);
    Post::json(&registry, UPLOAD, &twice).send().refuses("invalid_argument", "");
    registry.is_well();
}

#[test]
fn a_module_does_not_build_on_itself() {
    let registry = Registry::start();
    let id = common(&registry);
    let text = b"syntax = \"proto3\"; import \"google_like/v1/money.proto\"; message A { google_like.v1.Money m = 1; }";
    let content = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
    let mut request = upload(&["a.proto"], &[&id]);
    request["contents"][0]["files"][0]["content"] = content.into();
    Post::json(&registry, UPLOAD, &request).send().refuses("invalid_argument", "money.proto");
}

#[test]
fn deadlines_that_have_passed_are_exceeded() {
    let registry = Registry::start();
    common(&registry);
    let request = json!({ "moduleRefs": [named("common")] });
    let ask = |timeout: &str| Post::json(&registry, GET_MODULES, &request).header("connect-timeout-ms", timeout).send();
    ask("0").refuses("deadline_exceeded", "");
    for nonsense in ["-1", "soon", "99999999999", "1.5"] {
        ask(nonsense).refuses("invalid_argument", "");
    }
    assert_eq!(ask("10000").status, 200);
    let message = request.to_string().into_bytes();
    let body = framed(false, u32::try_from(message.len()).unwrap(), &message);
    let ask = |timeout: &str| {
        let post = Post::to(&registry, GET_MODULES).header("content-type", "application/grpc-web+json");
        post.header("grpc-timeout", timeout).body(body.clone()).send().grpc_status()
    };
    for (timeout, status) in [("0n", "4"), ("soon", "3"), ("10", "3"), ("-1S", "3"), ("123456789m", "3"), ("10S", "0")]
    {
        assert_eq!(ask(timeout), status, "{timeout}");
    }
    registry.is_well();
}

#[test]
fn what_is_not_there_is_unimplemented() {
    let registry = Registry::start();
    for method in
        ["buf.registry.module.v1.ModuleService/Nothing", "buf.registry.policy.v1beta1.PolicyService/GetPolicies"]
    {
        let reply = Post::json(&registry, method, &json!({})).send();
        assert!(reply.status == 404 || reply.status == 501, "{method}: {}", reply.text());
    }
    let get = registry.get("/buf.registry.module.v1.UploadService/Upload");
    assert!((400..500).contains(&get.status), "{}", get.text());
}

#[test]
fn credentials_that_are_none_are_unauthenticated() {
    let registry = Registry::start();
    for value in ["Bearer ", "Bearer reg_unknown", "Basic !!!", "Basic eDp5", "nonsense with spaces", "Bearer \u{e9}"] {
        let post = Post::json(&registry, GET_MODULES, &json!({ "moduleRefs": [named("common")] }));
        post.header("authorization", value).send().refuses("unauthenticated", "");
    }
}
