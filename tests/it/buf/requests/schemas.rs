//! Schemas for programs without generated code: `buf curl` calls by the schema of a module, and asks for schemas itself.

use serde_json::{Value, json};

use crate::support::{Buf, Module, Registry, pets};

const OF_MODULE: &str = "buf.registry.module.v1.FileDescriptorSetService/GetFileDescriptorSet";
const REFLECT: &str = "buf.reflect.v1beta1.FileDescriptorSetService/GetFileDescriptorSet";

/// The names of the files of an answer, and of their messages.
fn named(answer: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let messages = |file: &Value| file["messageType"].as_array().into_iter().flatten().map(text).collect();
    let files = answer["fileDescriptorSet"]["file"].as_array().unwrap().iter();
    files.map(|file| (text(file), messages(file))).collect()
}

#[test]
fn buf_curl_calls_a_service_by_the_schema_of_its_module() {
    let registry = Registry::start();
    let health = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/proto/grpc/health/v1/health.proto"));
    Module::new("acme/health").file("grpc/health/v1/health.proto", health.unwrap()).push(&registry);
    let buf = Buf::new(&registry);
    let url = format!("{}/grpc.health.v1.Health/Check", registry.url);
    let called = buf.run(["curl", "--schema", "HOST/acme/health", "-d", "{}", &url]).ok();
    assert_eq!(called.json()["status"], "SERVING", "{called}");
}

#[test]
fn programs_ask_for_the_schema_of_a_symbol_in_binary_and_json() {
    let registry = Registry::start();
    let text = pets("name") + "message Cat { Dog foe = 1; }\nmessage Cow {}\n";
    let pushed = Module::new("acme/pets").file("pets.proto", text).push(&registry);
    let request = json!({ "module": format!("{}/acme/pets", registry.host()), "symbols": ["acme.pets.v1.Cat"] });
    let expected = [("pets.proto".to_owned(), vec!["Dog".to_owned(), "Cat".to_owned()])];

    // buf knows the service from the server's own reflection, and reads the binary answer.
    let buf = Buf::new(&registry);
    let (url, token) = (format!("{}/{REFLECT}", registry.url), registry.authorization());
    let curl =
        ["curl", "--http2-prior-knowledge", "-H", &token, "--reflect-header", &token, "-d", &request.to_string()];
    let [a, b, c, d, e, f, g, h] = curl;
    let answer = buf.run([a, b, c, d, e, f, g, h, &url]).ok().json();
    assert_eq!(named(&answer), expected);
    assert_eq!(answer["version"], pushed.commit.as_str());

    let answer = registry.call(REFLECT, &request).ok().json();
    assert_eq!(named(&answer), expected);
    let request = json!({ "resourceRef": { "id": pushed.commit }, "includeTypes": ["acme.pets.v1.Cow"] });
    let answer = registry.call(OF_MODULE, &request).ok().json();
    assert_eq!(named(&answer), [("pets.proto".to_owned(), vec!["Cow".to_owned()])]);
    assert_eq!(answer["commit"]["id"], pushed.commit.as_str());
    let request = json!({ "resourceRef": { "id": pushed.commit }, "includeTypes": ["acme.pets.v1.Pig"] });
    assert_eq!(registry.call(OF_MODULE, &request).status, 404);
    registry.is_well();
}
