//! Nodes on machines whose clocks are minutes apart.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use registry::model::Timestamp;

use super::Cluster;
use crate::support::{Module, Preloaded, Registry, pets};

/// Seconds by which the clock of one machine is slow, and that of the other fast.
const APART: i64 = 300;

static CLOCK: Preloaded = Preloaded::new("tests/it/cluster/shifted_clock.c");

/// A slow node and a fast one.
fn start() -> Cluster {
    let mut cluster = Cluster::start(0);
    for shift in [-APART, APART] {
        let (directory, first) = (tempfile::tempdir().unwrap(), cluster.nodes.first());
        let node = Registry::with(|options| {
            options.keep(directory.path(), first.map(|first| &*first.token));
            options.flag("store", cluster.database.address());
            options.variable("LD_PRELOAD", CLOCK.path()).variable("CLOCK_SHIFT", &shift.to_string());
        });
        cluster.directories.push(directory);
        cluster.nodes.push(node);
    }
    cluster
}

/// The true time, so many seconds from now.
fn in_seconds(seconds: i64) -> Timestamp {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    Timestamp::from_micros((now + seconds) * 1_000_000)
}

/// As versions and sorted texts have it.
fn digits(time: Timestamp) -> String {
    time.basic().replace(['T', 'Z'], "")
}

#[test]
fn nodes_whose_clocks_are_minutes_apart_go_by_the_clock_of_the_database() {
    let began = digits(in_seconds(-2));
    let cluster = start();
    let (slow, fast) = cluster.two();
    for (node, told) in [(slow, "300 s slow"), (fast, "300 s fast")] {
        let told = format!("the clock of this machine is {told}; all servers go by that of the database");
        assert!(node.log().contains(&told), "{}", node.log());
    }
    let commits: Vec<_> = [fast, slow, fast, slow]
        .into_iter()
        .zip(["name", "age", "weight", "color"])
        .map(|(node, field)| Module::new("acme/pets").file("pets.proto", pets(field)).push(node).commit)
        .collect();
    let page = slow.get("/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost").ok();
    let versions: Vec<_> = page.lines().iter().map(|line| line["vers"].as_str().unwrap().to_owned()).collect();
    let times: Vec<_> = versions.iter().map(|version| version.split('-').nth(1).unwrap().to_owned()).collect();
    assert!(versions.iter().zip(&commits).all(|(version, commit)| version.contains(&commit[..12])), "{versions:?}");
    assert!(times.is_sorted_by(|before, after| before < after), "{times:?}");
    assert!(times[0] >= began && times[3] <= digits(in_seconds(5)), "{times:?} are not of the last seconds");

    // A token that ends in two minutes does so everywhere, and not at once on a node that is ahead.
    let ends = in_seconds(120).to_string();
    let made = slow.cli(["token", "create", "--scope", "read", "--expires", &ends, "--json"]).ok().json();
    let header = || vec![format!("authorization: Bearer {}", made["token"].as_str().unwrap())];
    for node in [slow, fast] {
        assert_eq!(crate::support::http::send(&node.url, "GET", "/gen/cargo/config.json", header(), &[]).status, 200);
    }

    let told = fast.cli(["audit", "--json"]).ok().json();
    let told: Vec<_> =
        told.as_array().unwrap().iter().map(|event| event["time"].as_str().unwrap().to_owned()).collect();
    assert!(told.len() > 4 && told.is_sorted(), "{told:?}");
    let nodes = fast.get("/metrics").ok().text();
    assert!(nodes.contains("\nregistry_nodes 2\n"), "{nodes}");
    cluster.nodes.iter().for_each(Registry::is_well);
}

#[test]
fn a_program_that_asks_two_clocks_in_turn_for_its_login_is_not_told_to_slow_down() {
    let cluster = start();
    let (slow, fast) = cluster.two();
    let form = |node: &Registry, path: &str, fields: &str| {
        let headers = vec!["content-type: application/x-www-form-urlencoded".to_owned()];
        crate::support::http::send(&node.url, "POST", path, headers, fields.as_bytes())
    };
    let started = form(fast, "/oauth2/device/authorization", "client_id=none").ok().json();
    let code = started["device_code"].as_str().unwrap();
    let asked = format!("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code={code}");
    let ask = |node| form(node, "/oauth2/device/token", &asked).json()["error"].as_str().unwrap().to_owned();
    assert_eq!([ask(fast), ask(slow)], ["authorization_pending", "slow_down"], "it asks twice at once");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(ask(slow), "authorization_pending");
}
