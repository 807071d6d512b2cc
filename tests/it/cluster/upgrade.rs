//! Programs of two neighbouring versions on one database, while the servers of a registry are updated one by one.
//!
//! The database is brought to a newer format by hand, as the migration of a program after this one does it. How the
//! migrations themselves go is in the store's own tests.

use super::Cluster;
use super::setup::refused;
use crate::support::{Consumer, Module, Registry, eventually, pets};

const PROST: &str = "acme_pets_community_neoeinstein-prost";

/// Columns in every table, a table, an index: what a newer program adds.
const ADDED: &str = "
    DO 'DECLARE name TEXT; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = ''public'' LOOP
            EXECUTE ''ALTER TABLE '' || name || '' ADD COLUMN newer BIGINT NOT NULL DEFAULT 7'';
        END LOOP;
    END';
    CREATE TABLE newer_rows (id BIGINT PRIMARY KEY);
    CREATE INDEX newer_index ON sdk_jobs (newer);
    UPDATE registry_format SET format = format + 1";

#[test]
fn servers_of_two_neighbouring_versions_serve_one_database() {
    let mut cluster = Cluster::start(1);
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&cluster.nodes[0]);
    let mut beside = cluster.database.connect();
    beside.batch_execute(ADDED).unwrap();
    // The one that runs goes on, and one of its version can be started again beside the newer ones.
    cluster.add_node(&[]);
    let (running, started) = cluster.two();
    let consumer = Consumer::new(started);
    consumer.add(PROST);
    for (node, field) in [(running, "age"), (started, "weight")] {
        let pushed = Module::new("acme/pets").file("pets.proto", pets(field)).push(node);
        consumer.cargo(["update"]).ok();
        assert!(consumer.locked(PROST).contains(&pushed.commit[..12]));
        node.cli(["verify", "--store", cluster.database.address()]).ok();
    }
    cluster.nodes.iter().for_each(Registry::is_well);
    // The newer program has nothing left of this one to wait for, and takes away what it needed.
    beside.batch_execute("UPDATE registry_format SET oldest_program = format").unwrap();
    let line = refused(cluster.database.address(), &[]);
    assert!(line.contains("this registry knows formats up to"), "{line}");
}

#[test]
fn servers_tell_each_other_and_people_what_they_are() {
    let mut cluster = Cluster::start(1);
    cluster.add_node(&[("public-url", "https://crates.example")]);
    let (first, second) = cluster.two();
    let told = "another server writes http://localhost:";
    assert!(second.log().contains(told) && second.log().contains("give all the same --public-url"), "{}", second.log());
    assert!(!first.log().contains(told), "{}", first.log());
    let status = first.cli(["status", "--json"]).ok().json();
    let nodes = status["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2, "{status}");
    for node in nodes {
        assert_eq!(node["version"], env!("CARGO_PKG_VERSION"));
        assert!(node["started"].as_str().unwrap().ends_with('Z') && node["name"].as_str().unwrap().contains(':'));
    }
    let mut addresses: Vec<_> = nodes.iter().map(|node| node["public_url"].as_str().unwrap()).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, [&*first.url, "https://crates.example"]);
    let text = first.cli(["status"]).ok().stdout.clone();
    assert_eq!(text.lines().filter(|line| line.starts_with("server       ")).count(), 2, "{text}");
    cluster.nodes[1].signal("TERM");
    eventually("it has said goodbye", || {
        cluster.nodes[0].cli(["status", "--json"]).ok().json()["nodes"].as_array().unwrap().len() == 1
    });
}
