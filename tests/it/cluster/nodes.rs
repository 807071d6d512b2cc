//! What one node acknowledged holds on every other, from the next request on.

use std::collections::BTreeSet;

use super::Cluster;
use crate::support::{Consumer, Module, eventually, kennel, pets};

const PROST: &str = "acme_pets_community_neoeinstein-prost";

#[test]
fn what_is_pushed_to_one_node_cargo_takes_from_another() {
    let cluster = Cluster::start(2);
    let (here, there) = cluster.two();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(here);
    let consumer = Consumer::new(there);
    consumer.add(PROST);
    let first = consumer.locked(PROST);
    for field in ["age", "weight"] {
        let pushed = Module::new("acme/pets").file("pets.proto", pets(field)).push(here);
        consumer.cargo(["update"]).ok();
        let version = consumer.locked(PROST);
        assert!(version != first && version.contains(&pushed.commit[..12]), "{version} is not of {}", pushed.commit);
    }
    let main = "use acme_pets_community_neoeinstein_prost::acme::pets::v1::Dog;\n\
                fn main() { println!(\"{}\", Dog { weight: \"7 kg\".into() }.weight); }\n";
    consumer.write("src/main.rs", main);
    consumer.run().ok().prints("7 kg");
    here.is_well();
    there.is_well();
}

#[test]
fn the_same_push_to_all_nodes_at_once_is_one_commit_and_times_increase() {
    let cluster = Cluster::start(3);
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&cluster.nodes[0]);
    for round in 0..4 {
        let field = format!("round_{round}");
        let commits: BTreeSet<_> = std::thread::scope(|scope| {
            let push = |node| {
                let module = Module::new("acme/pets").file("pets.proto", pets(&field));
                scope.spawn(move || module.push(node).commit)
            };
            let pushes: Vec<_> = cluster.nodes.iter().chain(&cluster.nodes).map(push).collect();
            pushes.into_iter().map(|push| push.join().unwrap()).collect()
        });
        assert_eq!(commits.len(), 1, "{commits:?}");
    }
    // Different contents at once: each is a commit of its own, and their versions are in order.
    std::thread::scope(|scope| {
        for (number, node) in cluster.nodes.iter().chain(&cluster.nodes).enumerate() {
            let module = Module::new("acme/pets").file("pets.proto", pets(&format!("of_{number}")));
            scope.spawn(move || module.push(node));
        }
    });
    let page = cluster.nodes[1].get("/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost").ok().text();
    let version =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["vers"].as_str().unwrap().to_owned();
    let times: BTreeSet<_> = page.lines().map(|line| version(line).split('-').nth(1).unwrap().to_owned()).collect();
    assert_eq!((page.lines().count(), times.len()), (11, 11), "{page}");
    cluster.nodes.iter().for_each(crate::support::Registry::is_well);
}

#[test]
fn every_crate_is_made_once_whichever_node_takes_it() {
    let cluster = Cluster::start(2);
    let (here, there) = cluster.two();
    let names: Vec<_> = (0..12).map(|n| format!("acme/pets{n}")).collect();
    std::thread::scope(|scope| {
        for (number, name) in names.iter().enumerate() {
            let node = if number % 2 == 0 { here } else { there };
            scope.spawn(move || Module::new(name).file("pets.proto", kennel("name")).push(node));
        }
    });
    let metrics = there.get("/metrics").ok().text();
    assert!(metrics.contains("\nregistry_nodes 2\n"), "{metrics}");
    eventually("all crates are made", || here.jobs("queued") + here.jobs("running") == 0);
    assert_eq!(here.jobs("failed"), 0);
    let made = cluster.database.connect().query_one("SELECT count(*) FROM sdk_jobs WHERE state = 'done'", &[]).unwrap();
    assert_eq!(made.get::<_, i64>(0), 24);
    let tried = cluster.database.connect().query_one("SELECT count(*) FROM sdk_jobs WHERE attempts <> 1", &[]).unwrap();
    assert_eq!(tried.get::<_, i64>(0), 0, "no crate was made twice");
}

#[test]
fn a_token_that_one_node_revoked_the_other_refuses_at_once() {
    let cluster = Cluster::start(2);
    let (here, there) = cluster.two();
    for _ in 0..5 {
        let made = here.cli(["token", "create", "--scope", "read", "--note", "short", "--json"]).ok().json();
        let header = || vec![format!("authorization: Bearer {}", made["token"].as_str().unwrap())];
        let ask = || crate::support::http::send(&there.url, "GET", "/gen/cargo/config.json", header(), &[]).status;
        assert_eq!(ask(), 200);
        here.cli(["token", "revoke", made["id"].as_str().unwrap()]).ok();
        assert_eq!(ask(), 401);
    }
}

#[test]
fn a_module_that_one_node_hides_does_not_exist_on_the_other() {
    let cluster = Cluster::start(2);
    let (here, there) = cluster.two();
    Module::new("acme/pets").file("pets.proto", pets("name")).argument("--visibility=public").push(here);
    let stranger = here.user_token("stranger");
    let header = || vec![format!("authorization: Bearer {stranger}")];
    let index = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";
    let ask = |path| crate::support::http::send(&there.url, "GET", path, header(), &[]).status;
    assert_eq!((ask(index), ask("/acme/pets")), (200, 200));
    here.cli(["module", "update", "acme/pets", "--visibility", "private"]).ok();
    let unknown = "/gen/cargo/ac/me/acme_unknown_community_neoeinstein-prost";
    assert_eq!((ask(index), ask("/acme/pets")), (ask(unknown), 404));
    here.cli(["module", "update", "acme/pets", "--visibility", "public"]).ok();
    assert_eq!((ask(index), ask("/acme/pets")), (200, 200));
}

#[test]
fn who_waits_on_one_node_for_a_crate_that_another_makes_gets_it() {
    let cluster = Cluster::start(2);
    let (here, there) = cluster.two();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(here);
    // The first request for a crate asks for it, and waits for it.
    let index = "/gen/cargo/ac/me/acme_pets_anthropics_buffa";
    let page = there.get(index).ok().text();
    assert_eq!(page.lines().count(), 1, "{page}");
    assert_eq!(here.get(index).ok().text(), page);
    let digest = |node: &crate::support::Registry| {
        let line: serde_json::Value = serde_json::from_str(page.trim()).unwrap();
        let version = line["vers"].as_str().unwrap();
        node.get(&format!("/gen/cargo/api/v1/crates/acme_pets_anthropics_buffa/{version}/download")).ok().body
    };
    assert_eq!(digest(here), digest(there));
}

#[test]
fn a_login_that_one_node_started_and_another_approved_is_collected_at_a_third() {
    let cluster = Cluster::start(3);
    let form = |node: &crate::support::Registry, path: &str, fields: &str, token: Option<&str>| {
        let mut headers = vec!["content-type: application/x-www-form-urlencoded".to_owned()];
        headers.extend(token.map(|token| format!("authorization: Bearer {token}")));
        crate::support::http::send(&node.url, "POST", path, headers, fields.as_bytes())
    };
    let [first, second, third] = &cluster.nodes[..] else { unreachable!("three nodes") };
    let started = form(first, "/oauth2/device/authorization", "client_id=none", None).ok().json();
    let (device, code) = (started["device_code"].as_str().unwrap(), started["user_code"].as_str().unwrap());
    let decided = format!("user_code={code}&do=approve&scope=write");
    form(second, "/login/device", &decided, Some(&first.token)).ok();
    assert_eq!(form(first, "/login/device", &decided, Some(&first.token)).status, 404, "it was decided already");
    let asked = format!("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code={device}");
    let collected = form(third, "/oauth2/device/token", &asked, None).ok().json();
    let token = collected["access_token"].as_str().unwrap();
    let headers = vec![format!("authorization: Bearer {token}")];
    assert_eq!(crate::support::http::send(&first.url, "GET", "/settings", headers, &[]).status, 200);
    let again = form(second, "/oauth2/device/token", &asked, None);
    assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("expired_token")));
}

#[test]
fn a_session_that_one_node_began_holds_on_another_until_a_third_ends_it() {
    let cluster = Cluster::start(3);
    let [first, second, third] = &cluster.nodes[..] else { unreachable!("three nodes") };
    let send = |node: &crate::support::Registry, method: &str, path: &str, cookie: &str, body: &str| {
        let mut headers = vec!["content-type: application/x-www-form-urlencoded".to_owned()];
        if !cookie.is_empty() {
            headers.push(format!("cookie: {cookie}"));
        }
        crate::support::http::send(&node.url, method, path, headers, body.as_bytes())
    };
    let signed_in = send(first, "POST", "/login", "", &format!("token={}", first.token));
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(send(second, "GET", "/settings", &cookie, "").status, 200);
    assert_eq!(send(third, "POST", "/logout", &cookie, "").status, 303);
    assert_ne!(send(second, "GET", "/settings", &cookie, "").status, 200);
}

#[test]
fn a_webhook_is_called_once_whichever_node_calls_it() {
    let mut cluster = Cluster::on(crate::support::Database::new(), 0);
    for _ in 0..3 {
        cluster.add_node(&[("webhook-allow", "127.0.0.0/8")]);
    }
    let receiver = crate::support::Receiver::start();
    let here = &cluster.nodes[0];
    Module::new("acme/pets").file("pets.proto", pets("name")).push(here);
    here.cli(["webhook", "create", "acme/pets", "--url", &receiver.url("/hook"), "--event", "push"]).ok();
    for (number, node) in cluster.nodes.iter().chain(&cluster.nodes).enumerate() {
        Module::new("acme/pets").file("pets.proto", pets(&format!("of_{number}"))).push(node);
    }
    eventually("all are called", || receiver.calls().len() >= 6);
    std::thread::sleep(std::time::Duration::from_millis(500));
    let calls = receiver.calls();
    let ids: BTreeSet<_> = calls.iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!((calls.len(), ids.len()), (6, 6));
}
