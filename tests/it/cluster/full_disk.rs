//! A database whose disk has no room.

use super::Cluster;
use crate::support::{Database, Module, PostgresServer, eventually, pets, run};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

/// Sources that need room, whatever is compressed.
fn large() -> String {
    let messages: String = (0..400).map(|n| format!("message M{n} {{ string a{} = 1; }}\n", n * 7919)).collect();
    format!("{}\n{messages}", pets("age"))
}

#[test]
fn a_full_disk_of_the_database_refuses_pushes_reads_on_and_recovers() {
    let Some(server) = PostgresServer::start_with_small_disk(64) else { return };
    let cluster = Cluster::on(Database::on_small_disk(&server), 2);
    let (here, there) = cluster.two();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(here);
    let before = there.get(INDEX).ok().text();
    let commits = || there.cli(["module", "info", "acme/pets", "--json"]).ok().json();
    let known = commits();
    let ballast = server.small_disk().join("ballast").display().to_string();
    cluster.database.shell(&format!("cat /dev/zero >{ballast}; true"));
    let refused = Module::new("acme/pets").file("pets.proto", large()).try_push(here).refused();
    refused.says("the disk of the registry's database is full").says("nothing was stored");
    for node in [here, there] {
        assert_eq!(node.get(INDEX).ok().text(), before, "nothing of it is visible");
        assert_eq!(node.get("/acme/pets").status, 200, "reads go on");
    }
    assert_eq!(commits(), known);
    assert_eq!(here.get("/healthz").status, 200);
    eventually("it is told", || here.get("/readyz").ok().text() == "ready, but full: pushes are refused\n");
    cluster.database.shell(&format!("rm {ballast}"));
    eventually("it is ready", || here.get("/readyz").ok().text() == "ready\n");
    let pushed = Module::new("acme/pets").file("pets.proto", large()).push(here);
    for node in [here, there] {
        assert!(node.get(INDEX).ok().text().contains(&pushed.commit[..12]));
    }
    let mut verify = here.command();
    run(verify.args(["verify", "--store", cluster.database.address()])).ok();
}
