//! The audit log: what it says of a change, and the ways to read it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Module, Registry, eventually, http, pets, run};

/// The events that a command shows, newest last.
fn events(registry: &Registry, arguments: &[&str]) -> Vec<Value> {
    let all = ["audit", "--json"].iter().chain(arguments);
    registry.cli(all).ok().json().as_array().unwrap().clone()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[test]
fn a_record_says_who_did_what_from_where_and_by_which_token() {
    let registry = Registry::with(|options| _ = options.flag("trusted-proxies", "127.0.0.1"));
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let pat = registry.user_token("pat");
    let tokens = registry.cli(["token", "list", "--user", "pat", "--json"]).ok().json();
    let request = json!({ "scope": "TOKEN_SCOPE_READ", "note": "by pat" }).to_string();
    let headers = vec![
        format!("authorization: Bearer {pat}"),
        "content-type: application/json".into(),
        "x-forwarded-for: 192.0.2.7".into(),
    ];
    http::send(&registry.url, "POST", "/registry.v1.TokenService/CreateToken", headers, request.as_bytes()).ok();

    let by_pat = events(&registry, &["--actor", "pat"]);
    let [event] = &by_pat[..] else { panic!("{by_pat:?}") };
    assert_eq!(event["action"], "token.create");
    assert_eq!(event["event_type"], "EVENT_TYPE_TOKEN_CREATED");
    assert_eq!((&event["actor"], &event["client"]), (&json!("pat"), &json!("192.0.2.7")));
    assert_eq!(event["token"], tokens[0]["id"]);

    let pushed = events(&registry, &["--subject", "acme/pets:", "--action", "EVENT_TYPE_REPOSITORY_COMMIT_PUSHED"]);
    assert_eq!(actions(&pushed), ["commit.push"]);
    assert_eq!(pushed[0]["actor"], registry.user.as_str());
    assert!(!pushed[0]["token"].as_str().unwrap().is_empty());
    assert_eq!(pushed[0]["client"], "127.0.0.1");
}

#[test]
fn filters_and_pages_leave_nothing_out_and_show_nothing_twice() {
    let registry = Registry::start();
    for n in 0..12 {
        registry.cli(["token", "create", "--note", &format!("n{n}")]).ok();
    }
    let created = events(&registry, &["--action", "token"]);
    assert!(created.len() >= 12 && actions(&created).iter().all(|action| *action == "token.create"), "{created:?}");
    assert_eq!(events(&registry, &["--action", "token", "-n", "5"]), created[created.len() - 5..]);
    assert_eq!(events(&registry, &["--until", "1h"]), Vec::<Value>::new());
    assert_eq!(events(&registry, &["--since", "1h", "--action", "token"]), created);

    let mut found = vec![];
    let mut token = Value::from("");
    loop {
        let request = json!({ "action": "token", "pageSize": 5, "pageToken": token });
        let page = registry.call("registry.v1.AuditService/ListAuditEvents", &request).ok().json();
        found.extend(page["events"].as_array().unwrap().iter().map(|event| event["id"].clone()));
        token = page["nextPageToken"].clone();
        if token.is_null() {
            break;
        }
    }
    found.reverse();
    let ids: Vec<_> = created.iter().map(|event| Value::from(event["id"].to_string())).collect();
    assert_eq!(found, ids);

    let data = registry.data_dir.to_str().unwrap();
    let mut local = registry.command();
    local.env_remove("REGISTRY_URL").env_remove("REGISTRY_TOKEN");
    local.args(["audit", "--json", "--action", "token", "--data-dir", data]);
    assert_eq!(run(&mut local).ok().json(), Value::from(created));
    let reader = registry.user_token("sam");
    registry.cli(["audit", "--token", &reader]).refused().says("administrator");
}

#[test]
fn whoever_follows_sees_each_change() {
    let registry = Registry::start();
    let mut command = registry.command();
    command.args(["audit", "--follow", "--json", "-n", "1"]).stdout(Stdio::piped());
    let mut following = command.spawn().unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    next();
    registry.cli(["user", "create", "sam"]).ok();
    let event = next();
    assert_eq!((&event["action"], &event["subject"]), (&json!("user.create"), &json!("sam")));
    following.kill().unwrap();
    following.wait().unwrap();
}

#[test]
fn every_record_is_appended_to_the_file_once() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("audit.jsonl");
    let path = file.to_str().unwrap().to_owned();
    let start = |token: Option<&str>| {
        Registry::with(|options| _ = options.keep(&data.path().join("data"), token).flag("audit-log", &path))
    };
    let mut registry = start(None);
    registry.cli(["user", "create", "sam"]).ok();
    let read = || -> Vec<Value> {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    eventually("the user is in the file", || actions(&read()).ends_with(&["user.create"]));
    registry.stop();
    let registry = start(Some(&registry.token));
    registry.cli(["user", "create", "pat"]).ok();
    eventually("the next user is in the file", || read().last().is_some_and(|event| event["subject"] == "pat"));
    assert_eq!(read(), events(&registry, &["-n", "100"]));
}

#[test]
fn a_file_that_was_moved_away_is_followed_by_a_new_one_with_later_records_alone() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("audit.jsonl");
    let start = |token: Option<&str>| {
        let (directory, path) = (data.path().join("data"), file.to_str().unwrap().to_owned());
        Registry::with(move |options| _ = options.keep(&directory, token).flag("audit-log", &path))
    };
    let created = |name: &str| -> Vec<String> {
        let text = std::fs::read_to_string(data.path().join(name)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let created = lines.filter(|event| event["action"] == "user.create");
        created.map(|event| event["subject"].as_str().unwrap().to_owned()).collect()
    };
    let rotate = |to: &str| std::fs::rename(&file, data.path().join(to)).unwrap();
    let create = |registry: &Registry, name: &str| {
        registry.cli(["user", "create", name]).ok();
        eventually("the user is in the file", || created("audit.jsonl").ends_with(&[name.to_owned()]));
    };
    let mut registry = start(None);
    create(&registry, "sam");
    rotate("audit.1");
    create(&registry, "pat");
    std::fs::remove_file(&file).unwrap();
    create(&registry, "kim");
    // Whoever kills it between a record and the note of that in FILE.position gets the record once more.
    registry.signal("TERM");
    registry.process().wait().unwrap();
    rotate("audit.2");
    let registry = start(Some(&registry.token));
    create(&registry, "eve");
    assert!(created("audit.1").ends_with(&["sam".to_owned()]));
    assert_eq!((created("audit.2"), created("audit.jsonl")), (vec!["kim".to_owned()], vec!["eve".to_owned()]));
}

#[test]
fn a_file_goes_on_where_a_restored_registry_does() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("audit.jsonl");
    let start = |directory: &str, token: Option<&str>| {
        let (directory, path) = (data.path().join(directory), file.to_str().unwrap().to_owned());
        Registry::with(move |options| _ = options.keep(&directory, token).flag("audit-log", &path))
    };
    let mut registry = start("data", None);
    let backup = data.path().join("backup.db");
    let at = |command: &str, directory: &str| {
        let mut run_on = crate::support::registry_command(data.path());
        run_on.args([command, backup.to_str().unwrap()]);
        match command {
            "restore" => run_on.arg(data.path().join(directory)),
            _ => run_on.arg("--data-dir").arg(data.path().join(directory)),
        };
        crate::support::run(&mut run_on).ok()
    };
    registry.cli(["user", "create", "sam"]).ok();
    at("backup", "data");
    for lost in ["pat", "kim"] {
        registry.cli(["user", "create", lost]).ok();
    }
    let subjects = || -> Vec<String> {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let created = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let created = created.filter(|event| event["action"] == "user.create");
        created.map(|event| event["subject"].as_str().unwrap().to_owned()).collect()
    };
    eventually("what will be lost is in the file", || subjects().ends_with(&["pat", "kim"].map(Into::into)));
    registry.stop();
    at("restore", "restored");
    let registry = start("restored", Some(&registry.token));
    registry.cli(["user", "create", "eve"]).ok();
    eventually("the new user is in the file", || subjects().ends_with(&["sam", "pat", "kim", "eve"].map(Into::into)));
    assert!(registry.log().contains("goes on after the last record that both have"), "{}", registry.log());
    let elsewhere = data.path().join("elsewhere.jsonl");
    std::fs::write(&elsewhere, "{\"id\":1,\"time\":\"\",\"action\":\"x\",\"subject\":\"y\"}\n").unwrap();
    let mut other = crate::support::registry_command(data.path());
    other.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data.path().join("third"));
    crate::support::run(other.arg("--audit-log").arg(&elsewhere)).could_not_run().says("no records of the audit log");
}

#[test]
fn the_page_has_filters_and_pages() {
    let registry = Registry::start();
    for n in 0..101 {
        let request = json!({ "scope": "TOKEN_SCOPE_READ", "note": format!("n{n}") });
        registry.call("registry.v1.TokenService/CreateToken", &request).ok();
    }
    registry.cli(["user", "create", "sam"]).ok();
    let first = registry.get("/admin/audit?action=token").ok().text();
    assert_eq!(first.matches("token.create <span").count(), 100, "{first}");
    assert!(!first.contains("user.create <span"), "{first}");
    let (_, link) = first.split_once("href=\"/admin/audit?action=token").unwrap();
    let link = link.split_once('"').unwrap().0.replace("&#38;", "&");
    let second = registry.get(&format!("/admin/audit?action=token{link}")).ok().text();
    assert!((1..10).contains(&second.matches("token.create <span").count()), "{second}");
    registry.get("/admin/audit?since=yesterday").is(400);
}
