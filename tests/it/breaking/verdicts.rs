//! What a commit changed and broke, kept with it: on its page and by RPC.

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
    assert!(page.contains("in JSON, 1 in Rust</a>"), "{page}");
    assert!(page.contains(&format!("/acme/pets/compare/{first}/{second}")), "{page}");
    assert!(page.contains("breaks nothing"), "{page}");
}

#[test]
fn a_commit_tells_what_it_changed_since_the_one_before_on_its_label() {
    let registry = Registry::start();
    let push_to = |label: &str, source: String| {
        let label = format!("--label={label}");
        Module::new("acme/pets").file("pets.proto", source).argument(&label).push(&registry).commit
    };
    let more = pets("name") + "message Cat { string name = 1; }\nenum Kind { KIND_UNSPECIFIED = 0; }\n";
    let first = push_to("main", pets("name"));
    // A new label is compared with the default one, then with itself; other labels stand between.
    let branched = push_to("next", pets("title"));
    let second = push_to("main", more.clone());
    let further = push_to("next", pets("title") + "message Bird {}\n");
    let same = push_to("main", more.replace("message Cat", "// Purrs.\nmessage Cat"));
    let of = |commit: &String| {
        let request = json!({ "module": { "owner": "acme", "name": "pets" }, "commitIds": [commit] });
        let found = registry.call("registry.v1.CompareService/GetVerdicts", &request).ok().json();
        let found = found["verdicts"][0].clone();
        (found["againstCommitId"].as_str().unwrap_or_default().to_owned(), found["changes"].clone())
    };
    assert_eq!(of(&first).0, "");
    assert_eq!(of(&branched), (first.clone(), json!([{ "kind": "field", "changed": "1" }])));
    let added = json!([{ "kind": "message", "added": "1" }, { "kind": "enum", "added": "1" }]);
    assert_eq!(of(&second), (first.clone(), added));
    assert_eq!(of(&further), (branched.clone(), json!([{ "kind": "message", "added": "1" }])));
    assert_eq!(of(&same).0, second);
    let page = registry.get("/acme/pets/commits").ok().text();
    let row = |commit: &String| {
        let from = page.find(&format!("id=\"{commit}\"")).unwrap();
        page[from..].split("</li>").next().unwrap().to_owned()
    };
    for (commit, against, words) in [
        (&branched, &first, "<span>1 field changed</span>"),
        (&second, &first, "<span class=\"plus\">1 message, 1 enum added</span>"),
        (&further, &branched, "<span class=\"plus\">1 message added</span>"),
        (&same, &second, "the same messages, enums and services"),
    ] {
        let row = row(commit);
        assert!(row.contains(words), "{words} is not in {row}");
        assert!(row.contains(&format!("/acme/pets/compare/{against}/{commit}")), "{row}");
    }
    // The first was compared with nothing, and nothing is said of it.
    assert!(!row(&first).contains("changed\">"), "{}", row(&first));
    let overview = registry.get("/acme/pets").ok().text();
    assert!(overview.contains("the same messages, enums and services"), "{overview}");
}

#[test]
fn without_a_gate_changes_are_counted_and_nothing_is_said_to_break() {
    let registry = Registry::with(|options| _ = options.flag("breaking", "off"));
    let push = |source: String| Module::new("acme/pets").file("pets.proto", source).push(&registry).commit;
    push(pets("name"));
    let commit = push(pets("title"));
    let page = registry.get("/acme/pets/commits").ok().text();
    assert!(page.contains("<span>1 field changed</span>") && !page.contains("breaks"), "{page}");
    let request = json!({ "module": { "owner": "acme", "name": "pets" }, "commitIds": [commit] });
    let found = registry.call("registry.v1.CompareService/GetVerdicts", &request).ok().json();
    assert_eq!(found["verdicts"][0]["categories"], json!(null));
}
