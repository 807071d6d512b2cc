//! Who uses which version of a crate.

use serde_json::Value;

use crate::support::{Module, Registry, eventually, http, pets};

const PROST: &str = "acme_pets_community_neoeinstein-prost";

fn download(registry: &Registry, token: &str, version: &str) -> u16 {
    let path = format!("/gen/cargo/api/v1/crates/{PROST}/{version}/download");
    http::send(&registry.url, "GET", &path, vec![format!("authorization: Bearer {token}")], &[]).status
}

fn usage(registry: &Registry, token: &str) -> Vec<Value> {
    registry.cli(["sdk", "usage", PROST, "--json", "--token", token]).ok().json().as_array().unwrap().clone()
}

#[test]
fn downloads_are_counted_by_version_and_users_are_for_admins() {
    let registry = Registry::start();
    let push = |field: &str| {
        let pushed =
            Module::new("acme/pets").argument("--visibility=public").file("pets.proto", pets(field)).push(&registry);
        pushed.sdk("community/neoeinstein-prost").version.clone()
    };
    let (older, newer) = (push("name"), push("title"));
    registry.cli(["sdk", "usage", PROST]).ok().prints("nobody has downloaded");
    registry.cli(["sdk", "usage", &PROST.replace("prost", "tonic")]).refused().says("there is no crate");
    registry.cli(["audit", "--actor", "nobody"]).ok().says("nothing is recorded of a user nobody");
    registry.cli(["webhook", "deliveries", &"0".repeat(32)]).could_not_run().says("the id of nothing");
    let (pat, sam) = (registry.user_token("pat"), registry.user_token("sam"));
    for (token, version) in [(&pat, &older), (&pat, &older), (&sam, &older), (&sam, &newer)] {
        assert_eq!(download(&registry, token, version), 200);
    }
    assert_eq!(download(&registry, &sam, "0.5.0-20000101000000-000000000000.1"), 404);

    eventually("all are counted", || usage(&registry, &registry.token).len() == 2);
    let counted = usage(&registry, &registry.token);
    let numbers: Vec<_> =
        counted.iter().map(|row| (row["version"].as_str().unwrap(), row["downloads"].as_u64())).collect();
    assert_eq!(numbers, [(newer.as_str(), Some(1)), (older.as_str(), Some(3))]);
    assert_eq!(counted[1]["recent_downloads"], 3);
    let users = |row: &Value| -> Vec<String> {
        let tokens = row["tokens"].as_array().unwrap().iter();
        let mut users: Vec<_> = tokens.map(|token| token["user"].as_str().unwrap().to_owned()).collect();
        users.sort();
        users
    };
    assert_eq!((users(&counted[0]), users(&counted[1])), (vec!["sam".into()], vec!["pat".into(), "sam".into()]));

    let by_sam = usage(&registry, &sam);
    assert_eq!((by_sam.len(), users(&by_sam[1])), (2, vec![]), "who uses it is for admins");
    let page = registry.get("/acme/pets/sdks/main:community/neoeinstein-prost").ok().text();
    assert!(page.contains("Who uses which version") && page.contains("pat"), "{page}");

    let tokens = registry.cli(["token", "list", "--user", "pat", "--json"]).ok().json();
    registry.cli(["token", "revoke", tokens[0]["id"].as_str().unwrap()]).ok();
    assert_eq!(users(&usage(&registry, &registry.token)[1]), ["pat", "sam"], "a revoked token still has its user");
}

#[test]
fn nothing_is_counted_when_a_setting_says_so() {
    let registry = Registry::with(|options| _ = options.flag("usage", "false"));
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let version = pushed.sdk("community/neoeinstein-prost").version.clone();
    assert_eq!(download(&registry, &registry.token, &version), 200);
    registry.cli(["sdk", "usage", PROST]).refused().says("--usage=false");
    let page = registry.get("/acme/pets/sdks/main:community/neoeinstein-prost").ok().text();
    assert!(!page.contains("Downloads"), "{page}");
}

#[test]
fn what_was_counted_is_written_at_the_end() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| _ = options.keep(data.path(), None));
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let version = pushed.sdk("community/neoeinstein-prost").version.clone();
    assert_eq!(download(&registry, &registry.token, &version), 200);
    registry.signal("TERM");
    registry.process().wait().unwrap();
    let again = Registry::with(|options| _ = options.keep(data.path(), Some(&registry.token)));
    assert_eq!(usage(&again, &registry.token)[0]["downloads"], 1);
}
