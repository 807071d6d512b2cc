//! The address that a client used: responses contain it if it is the server's, and never if it is unknown.

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, pets, upload};

/// A host that leads here by somebody else's doing.
const STRANGER: &str = "evil.example";

/// A path that a pattern of the route table matches, of a registry with acme/pets.
fn path(pattern: &str, version: &str) -> String {
    let plugin = if pattern.contains("/sdks/") { "neoeinstein-prost" } else { "community" };
    let reference = if pattern.contains("{plugin}") { "main:community" } else { "main" };
    let file = if pattern.starts_with("/gen/archive") { "main.zip" } else { "main.tar.gz" };
    let rest = if pattern.starts_with("/gen/cargo") { INDEX } else { "pets.proto" };
    let parts = [
        ("{owner}", "acme"),
        ("{module}", "pets"),
        ("{plugin_owner}/{plugin}", "community/neoeinstein-prost"),
        ("{plugin}", plugin),
        ("{ref}", reference),
        ("{package}", "acme.pets.v1"),
        ("{from}", "main"),
        ("{to}", "main"),
        ("{file}", file),
        ("{name}", "none"),
        ("{krate}", "acme_pets_community_neoeinstein-prost"),
        ("{version}", version),
        ("{*path}", rest),
    ];
    let path = parts.iter().fold(pattern.to_owned(), |path, (name, value)| path.replace(name, value));
    assert!(!path.contains('{'), "{pattern} has a part without a value here");
    path
}

const INDEX: &str = "ac/me/acme_pets_community_neoeinstein-prost";

fn registry() -> (Registry, String) {
    let registry = Registry::start();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let version = pushed.sdk("community/neoeinstein-prost").version.clone();
    (registry, version)
}

/// Everything that an answer says, head and body.
fn words(answer: &Answer) -> String {
    format!("{answer:?} {}", answer.text())
}

fn ask(registry: &Registry, method: &str, path: &str, host: &str, more: &[String]) -> Answer {
    let headers = [format!("host: {host}"), "accept: text/html".into()].into_iter().chain(more.iter().cloned());
    http::send(&registry.url, method, path, headers.collect(), &[])
}

#[test]
fn the_host_of_a_stranger_comes_back_nowhere() {
    let (registry, version) = registry();
    let mut good = 0;
    for pattern in registry::serve::routes() {
        let path = path(pattern, &version);
        // What only passes by: with and without a token, and where a form is expected.
        for (method, more) in [("GET", vec![registry.authorization()]), ("GET", vec![]), ("POST", vec![])] {
            let answer = ask(&registry, method, &path, STRANGER, &more);
            assert!(!words(&answer).contains(STRANGER), "{method} {path}: {}", words(&answer));
            good += u32::from(answer.status == 200);
        }
    }
    assert!(good > 30, "only {good} of the answers were those that clients want");
    let pushed = upload("acme", "pets", &[("pets.proto", &pets("age"))]).to_string();
    for method in ["buf.registry.module.v1.UploadService/Upload", "registry.v1.NoService/None"] {
        let headers = [registry.authorization(), "content-type: application/json".into(), format!("host: {STRANGER}")];
        let answer = http::send(&registry.url, "POST", &format!("/{method}"), headers.into(), pushed.as_bytes());
        assert!(!words(&answer).contains(STRANGER), "{method}: {}", words(&answer));
    }
    assert!(registry.log().contains("add it to --allowed-hosts"), "{}", registry.log());
}

#[test]
fn every_answer_tells_browsers_to_believe_its_type() {
    let (registry, version) = registry();
    let methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS"];
    let own = registry::serve::routes().into_iter().map(|pattern| path(pattern, &version));
    let more = ["/none/of/our/paths", "/buf.registry.module.v1.LabelService/ListLabels", "/a.B/C", "/%"];
    for path in own.chain(more.map(str::to_owned)) {
        for method in methods {
            for headers in [vec![], vec![registry.authorization()]] {
                let answer = http::send(&registry.url, method, &path, headers, &[]);
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}: {answer:?}");
            }
        }
    }
}

#[test]
fn names_of_ours_come_back() {
    let registry = Registry::with(|options| _ = options.flag("allowed-hosts", "registry.lan"));
    let port = registry.url.rsplit_once(':').unwrap().1;
    let downloads = |host: &str| {
        let answer = ask(&registry, "GET", "/gen/cargo/config.json", host, &[registry.authorization()]).ok();
        answer.json()["dl"].as_str().unwrap().to_owned()
    };
    for host in ["registry.lan:9000".to_owned(), format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        assert_eq!(downloads(&host), format!("http://{host}/gen/cargo/api/v1/crates"));
    }
    assert_eq!(downloads(STRANGER), format!("{}/gen/cargo/api/v1/crates", registry.url));
}

#[test]
fn a_trusted_proxy_says_what_the_client_used() {
    let said = ["x-forwarded-proto: https".to_owned(), "x-forwarded-host: reg.example".to_owned()];
    let downloads = |registry: &Registry| {
        let headers = [&said[..], &[registry.authorization()]].concat();
        ask(registry, "GET", "/gen/cargo/config.json", "10.0.0.1", &headers).ok().json()["dl"].to_string()
    };
    let trusting = Registry::with(|options| {
        _ = options.flag("allowed-hosts", "reg.example").flag("trusted-proxies", "127.0.0.0/8")
    });
    assert_eq!(downloads(&trusting), "\"https://reg.example/gen/cargo/api/v1/crates\"");
    let cautious = Registry::with(|options| _ = options.flag("allowed-hosts", "reg.example"));
    assert_eq!(downloads(&cautious), format!("\"{}/gen/cargo/api/v1/crates\"", cautious.url));
}

#[test]
fn a_form_from_an_unknown_address_is_refused_with_the_flag() {
    let registry = Registry::start();
    let form = |origin: &str| {
        let headers = [format!("origin: {origin}"), "sec-fetch-site: same-origin".into()];
        ask(&registry, "POST", "/login", origin.split_once("://").unwrap().1, &headers)
    };
    let answer = form(&format!("http://{STRANGER}")).is(421);
    assert!(answer.text().contains("--allowed-hosts") && answer.text().contains(&registry.url), "{}", answer.text());
    form(&registry.url).is(401);
}
