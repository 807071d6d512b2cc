//! What a commit broke, kept with it: on its page and by RPC.

use serde_json::json;

use crate::support::{Module, Registry, pets};

#[test]
fn a_commit_tells_what_it_broke() {
    let registry = Registry::start();
    let push = |source: String| Module::new("acme/pets").file("pets.proto", source).push(&registry).commit;
    let first = push(pets("name"));
    let second = push(pets("title"));
    let third = push(pets("title") + "message Cat {}\n");
    let request = json!({ "module": { "owner": "acme", "name": "pets" }, "commitIds": [first, second, third] });
    let verdicts = registry.call("registry.v1.CompareService/GetVerdicts", &request).ok().json()["verdicts"].clone();
    let verdicts = verdicts.as_array().unwrap();
    // The first was compared with nothing.
    assert_eq!(verdicts.len(), 2, "{verdicts:?}");
    assert_eq!((&verdicts[0]["commitId"], &verdicts[0]["againstCommitId"]), (&json!(second), &json!(first)));
    let counts = |verdict: &serde_json::Value| -> Vec<(String, u64)> {
        let count = |count: &serde_json::Value| {
            let breaking = count["breaking"].as_str().map_or(0, |number| number.parse().unwrap());
            (count["category"].as_str().unwrap().to_owned(), breaking)
        };
        verdict["categories"].as_array().unwrap().iter().map(count).filter(|(_, breaking)| *breaking > 0).collect()
    };
    let of_second = counts(&verdicts[0]);
    assert!(of_second.contains(&("RUST".into(), 1)) && of_second.iter().any(|(name, _)| name == "WIRE_JSON"));
    assert!(!of_second.iter().any(|(name, _)| name == "WIRE"), "{of_second:?}");
    assert_eq!(counts(&verdicts[1]), []);
    let page = registry.get("/acme/pets/commits").ok().text();
    assert!(page.contains("in JSON, 1 in Rust</span>, against"), "{page}");
    assert!(page.contains(&format!("/acme/pets/compare/{first}/{second}")), "{page}");
    assert!(page.contains("breaks nothing"), "{page}");
}
