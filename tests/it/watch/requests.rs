//! The line of a request in the log, and its id.

use crate::support::{Module, Registry, http, pets};

/// The lines of requests in the log.
fn lines(registry: &Registry) -> Vec<String> {
    registry.log().lines().filter(|line| line.contains(" answered")).map(str::to_owned).collect()
}

#[test]
fn writes_and_errors_are_logged_and_reads_are_details() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let before = lines(&registry);
    assert!(before.iter().any(|line| line.contains("INFO") && line.contains("UploadService/Upload")), "{before:?}");
    registry.get("/acme/pets").ok();
    registry.call("buf.registry.module.v1.ModuleService/ListModules", &serde_json::json!({})).ok();
    registry.get("/acme/cats").is(404);
    let after = lines(&registry);
    let new: Vec<_> = after[before.len()..].iter().collect();
    assert!(new.len() == 1 && new[0].contains("/acme/cats") && new[0].contains("status=404"), "{new:?}");

    let talkative = Registry::with(|options| _ = options.flag("log-level", "debug"));
    talkative.get("/plugins").ok();
    assert!(lines(&talkative).iter().any(|line| line.contains("DEBUG") && line.contains("/plugins")));
}

#[test]
fn the_log_and_the_client_name_a_request_alike() {
    let registry = Registry::start();
    for path in ["/acme/cats", "/buf.registry.module.v1.ModuleService/Nothing", "/gen/cargo/ac/me/acme_none_a_b"] {
        let answer = registry.get(path);
        let id = answer.header("x-request-id").to_owned();
        assert!(!id.is_empty(), "{answer:?}");
        let log = lines(&registry);
        assert!(log.iter().any(|line| line.contains(&id) && line.contains(path)), "{id} {path} in {log:#?}");
    }
}

#[test]
fn a_trusted_proxy_chooses_the_id_and_nobody_else() {
    let from = |registry: &Registry, id: &str| {
        let headers = vec![registry.authorization(), format!("x-request-id: {id}")];
        http::send(&registry.url, "GET", "/acme/cats", headers, &[]).header("x-request-id").to_owned()
    };
    let registry = Registry::start();
    assert_ne!(from(&registry, "mine-1"), "mine-1");
    let behind = Registry::with(|options| _ = options.flag("trusted-proxies", "127.0.0.1"));
    assert_eq!(from(&behind, "proxy-1"), "proxy-1");
    for bad in ["with space", "\"quoted\"", &"x".repeat(200)] {
        assert_ne!(from(&behind, bad), bad);
    }
}
