//! Remote generation ends with its answer: when the deadline has passed or the client has left, nothing goes on.

use std::time::{Duration, Instant};

use base64::Engine as _;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};
use serde_json::{Value, json};

use crate::support::{Post, Registry, eventually};

const GENERATE: &str = "buf.alpha.registry.v1alpha1.CodeGenerationService/GenerateCode";

/// Asks a plugin for stubs of so many services.
fn request(plugin: &str, services: usize, options: &[&str]) -> Value {
    let method = MethodDescriptorProto {
        name: Some("R".into()),
        input_type: Some(".p.v1.M".into()),
        output_type: Some(".p.v1.M".into()),
        ..Default::default()
    };
    let service =
        |at| ServiceDescriptorProto { name: Some(format!("S{at}")), method: vec![method.clone()], options: None };
    let file = FileDescriptorProto {
        name: Some("a.proto".into()),
        package: Some("p.v1".into()),
        syntax: Some("proto3".into()),
        message_type: vec![DescriptorProto { name: Some("M".into()), ..Default::default() }],
        service: (0..services).map(service).collect(),
        ..Default::default()
    };
    let file = base64::engine::general_purpose::STANDARD.encode(file.encode_to_vec());
    let (owner, name) = plugin.split_once('/').unwrap();
    json!({
        "image": { "file": [file] },
        "requests": [{ "pluginReference": { "owner": owner, "name": name }, "options": options }],
    })
}

const TONIC: &str = "community/neoeinstein-tonic";

#[test]
fn four_large_calls_end_at_their_deadline_and_leave_nothing() {
    let mut registry = Registry::start();
    let body = request(TONIC, 4000, &[]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let call = Post::json(&registry, GENERATE, &body).header("connect-timeout-ms", "2000");
            scope.spawn(move || {
                let started = Instant::now();
                assert_ne!(call.send().status, 200);
                assert!(started.elapsed() < Duration::from_secs(30));
            });
        }
    });
    let server = registry.server();
    assert_eq!((server.workers(), server.plugin_threads()), (vec![], 0));
    assert!(server.peak() < 300 << 20, "{} bytes", server.peak());
    eventually("the memory is given back", || server.memory() < 200 << 20);
    let small = Post::json(&registry, GENERATE, &request(TONIC, 3, &[])).send().ok();
    assert!(!small.json()["responses"].as_array().unwrap().is_empty());
    registry.is_well();
}

#[test]
fn a_client_that_leaves_ends_the_work() {
    let mut registry = Registry::start();
    let server = registry.server();
    let body = request(TONIC, 4000, &[]).to_string();
    let call = Post::json(&registry, GENERATE, &Value::Null).body(body);
    let connection = call.send_only();
    eventually("the work has begun", || !server.workers().is_empty());
    drop(connection);
    eventually("the work has ended", || server.workers().is_empty());
    registry.is_well();
}

#[test]
fn long_texts_in_options_count() {
    let registry = Registry::with(|options| _ = options.flag("max-sdk-memory", "64MiB"));
    let attribute = format!("server_attribute=.=#[doc = \"{}\"]", "x".repeat(100_000));
    let answer = Post::json(&registry, GENERATE, &request(TONIC, 200, &[&attribute])).send();
    assert!(answer.text().contains("`--max-sdk-memory` allows more"), "{}", answer.text());
    registry.is_well();
}
