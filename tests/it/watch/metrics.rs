//! `/metrics`: what it counts, and for whom.

use crate::support::{Module, Registry, http, kennel};

const PROST: &str = "acme_pets_community_neoeinstein-prost";

/// The value of a sample, by the beginning of its line; 0 if there is no such line.
fn sample(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0.0, |value| value.parse().unwrap())
}

fn metrics(registry: &Registry) -> String {
    registry.get("/metrics").ok().text()
}

#[test]
fn what_happens_is_counted_by_what_it_is() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", kennel("name")).push(&registry);
    Module::new("acme/pets").file("pets.proto", kennel("name")).push(&registry);
    registry.cli(["sdk", "list", "acme/pets"]).ok();
    Module::new("acme/pets").file("pets.proto", "no protobuf").try_push(&registry).refused();
    registry.get(&format!("/gen/cargo/ac/me/{PROST}")).ok();
    registry.get(&format!("/gen/cargo/ac/me/{PROST}")).ok();
    registry.get("/acme/nothing-here").is(404);
    let unknown = vec!["authorization: Bearer reg_unknown".to_owned()];
    http::send(&registry.url, "GET", "/acme/pets", unknown, &[]).is(401);

    let text = metrics(&registry);
    for (name, expected) in [
        ("registry_pushes_total{result=\"created\"}", 1.0),
        ("registry_pushes_total{result=\"unchanged\"}", 1.0),
        ("registry_pushes_total{result=\"refused\"}", 1.0),
        ("registry_compile_duration_seconds_count", 3.0),
        ("registry_sdk_job_duration_seconds_count{plugin=\"community/neoeinstein-prost\",result=\"published\"}", 1.0),
        ("registry_http_requests_total{route=\"/gen/cargo/{*path}\",method=\"GET\",status=\"200\"}", 2.0),
        ("registry_http_requests_total{route=\"/{owner}/{module}\",method=\"GET\",status=\"404\"}", 1.0),
        ("registry_http_request_duration_seconds_count{route=\"/gen/cargo/{*path}\"}", 2.0),
        ("registry_modules", 1.0),
        ("registry_commits", 1.0),
        ("registry_sdks", 2.0),
        ("registry_sdk_queue_age_seconds", 0.0),
    ] {
        assert_eq!(sample(&text, name), expected, "{name} in\n{text}");
    }
    for name in [
        "registry_cache_hits_total{cache=\"index_pages\"}",
        "registry_token_checks_total{result=\"accepted\"}",
        "registry_token_checks_total{result=\"unknown\"}",
        "registry_tokens",
        "registry_nodes",
        "registry_store_bytes",
        "registry_store_wal_bytes",
        "registry_connections",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_open_fds",
    ] {
        assert!(sample(&text, name) > 0.0, "{name} in\n{text}");
    }
    let rpc = "registry_http_requests_total{route=\"/buf.registry.module.v1.UploadService/Upload\"";
    assert!(text.contains(rpc), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn strangers_make_up_no_labels() {
    let registry = Registry::start();
    for path in ["/made/up/by/me", "/my.Service/Method", "/my.Other/Method"] {
        registry.get(path);
    }
    let text = metrics(&registry);
    assert!(!text.contains("made") && !text.contains("my."), "{text}");
    assert!(sample(&text, "registry_http_request_duration_seconds_count{route=\"nothing\"}") >= 3.0, "{text}");
}

#[test]
fn metrics_are_for_administrators_or_for_an_address_of_their_own() {
    let registry = Registry::start();
    let without = http::send(&registry.url, "GET", "/metrics", vec![], &[]).is(401);
    assert!(without.text().contains("--metrics-listen"), "{}", without.text());
    let reader = registry.user_token("sam");
    let bearer = vec![format!("authorization: Bearer {reader}")];
    http::send(&registry.url, "GET", "/metrics", bearer, &[]).is(403);

    let address = http::free_address();
    let registry = Registry::with(|options| _ = options.flag("metrics-listen", &address));
    let open = format!("http://{address}");
    let get = |path: &str| http::send(&open, "GET", path, vec![], &[]);
    assert!(get("/metrics").ok().text().contains("registry_modules 0"));
    get("/healthz").ok();
    get("/readyz").ok();
    get("/gen/cargo/config.json").is(404);
    http::send(&registry.url, "GET", "/metrics", vec![], &[]).is(401);
}
