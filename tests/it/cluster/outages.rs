//! A node without its database, and a database without one of its nodes.

use super::Cluster;
use crate::support::{Module, eventually, pets};

#[test]
fn connections_that_are_cut_are_opened_again() {
    let cluster = Cluster::start(2);
    let (here, there) = cluster.two();
    for round in 0..4 {
        let pushed = Module::new("acme/pets").file("pets.proto", pets(&format!("round_{round}"))).push(here);
        cluster.database.cut();
        let page = there.get("/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost").ok().text();
        assert!(page.contains(&pushed.commit[..12]), "{page}");
        cluster.database.cut();
    }
}

#[test]
fn a_job_that_was_taken_when_the_database_was_lost_is_made_all_the_same() {
    let server = crate::support::PostgresServer::start();
    let cluster = Cluster::on(crate::support::Database::on(&server), 1);
    let node = &cluster.nodes[0];
    let mut beside = cluster.database.connect();
    // Whoever takes a job waits, after the commit, for a second server that does not exist.
    let waits = "CREATE FUNCTION waits() RETURNS TRIGGER LANGUAGE plpgsql AS
                     'BEGIN PERFORM set_config(''synchronous_commit'', ''on'', true); RETURN NEW; END';
                 CREATE TRIGGER waits BEFORE UPDATE ON sdk_jobs
                     FOR EACH ROW WHEN (NEW.state = 'running') EXECUTE FUNCTION waits()";
    beside.batch_execute(waits).unwrap();
    let setting = "ALTER SYSTEM SET synchronous_standby_names";
    let mut wait_for = |name: &str| {
        beside.batch_execute(&format!("{setting} = '{name}'")).unwrap();
        beside.batch_execute("SELECT pg_reload_conf()").unwrap();
    };
    wait_for("nobody");
    Module::new("acme/pets").file("pets.proto", pets("name")).argument("--no-wait").push(node);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    eventually("a job is taken", || !cluster.database.connect().query(cut, &[]).unwrap().is_empty());
    wait_for("");
    let lost = "could not take an SDK from the queue error=it is not known whether this was done";
    eventually("the node has lost it", || node.log().contains(lost));
    eventually("nothing is queued", || {
        let sql = "SELECT count(*) FROM sdk_jobs WHERE state <> 'done'";
        cluster.database.connect().query_one(sql, &[]).unwrap().get::<_, i64>(0) == 0
    });
}

#[test]
fn a_node_that_lost_its_database_says_so_and_comes_back_by_itself() {
    let server = crate::support::PostgresServer::start();
    let cluster = Cluster::on(crate::support::Database::on(&server), 1);
    let node = &cluster.nodes[0];
    Module::new("acme/pets").file("pets.proto", pets("name")).push(node);
    let index = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";
    let before = node.get(index).ok().text();
    // Nobody may connect, and nobody is connected: as if the machine of the database were gone.
    let name: String = cluster.database.connect().query_one("SELECT current_database()::text", &[]).unwrap().get(0);
    let mut beside = crate::support::Database::on(&server).connect();
    beside.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    beside.query(&cut, &[]).unwrap();
    eventually("the node says so", || node.get(index).status == 503);
    let answer = node.get(index);
    assert!(answer.text().contains("database cannot be reached"), "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(node.get("/healthz").status, 200, "the process itself is well");
    eventually("it is not ready", || node.get("/readyz").status == 503);
    let ready = node.get("/readyz");
    assert!(ready.text().contains("database"), "{}", ready.text());
    beside.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).unwrap();
    eventually("it is ready again", || node.get("/readyz").status == 200);
    assert_eq!(node.get(index).ok().text(), before);
}

#[test]
fn what_a_killed_node_was_making_another_makes() {
    let mut cluster = Cluster::start(2);
    let [here, there] = &mut cluster.nodes[..] else { unreachable!("two nodes") };
    // More than can be made before the node is killed.
    let messages: String = (0..3000).map(|n| format!("message M{n} {{ string a = 1; int32 b = 2; }}\n")).collect();
    let large = Module::new("acme/large").file("a.proto", format!("syntax = \"proto3\";\npackage a.v1;\n{messages}"));
    large.argument("--no-wait").push(here);
    here.stop();
    // The other one may have taken all jobs already; those of the killed one are taken over when it is silent for long.
    let index = "/gen/cargo/ac/me/acme_large_community_neoeinstein-prost";
    eventually("the crate is there", || there.get(index).status == 200);
    let page = there.get(index).ok().text();
    assert_eq!(page.lines().count(), 1, "{page}");
    assert_eq!((there.jobs("queued"), there.jobs("running"), there.jobs("failed")), (0, 0, 0));
}
