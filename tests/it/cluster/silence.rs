//! A database that says no word: its machine vanished, or its server stands still. No connection ends by that.

use super::Cluster;
use crate::support::{Database, Link, Module, eventually, pets, registry_command, run};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

/// The address of the database over a link, with a wait that is short for tests.
fn hasty(database: &Database, link: &Link) -> String {
    format!("{}&connect_timeout=1", database.address_over(link))
}

#[test]
fn a_node_whose_database_is_silent_says_so_comes_back_and_ends_when_it_is_told_to() {
    let mut cluster = Cluster::start(0);
    let link = cluster.database.link();
    let address = hasty(&cluster.database, &link);
    cluster.add_node_at(&address, &[]);
    let node = &mut cluster.nodes[0];
    Module::new("acme/pets").file("pets.proto", pets("name")).push(node);
    let before = node.get(INDEX).ok().text();
    link.freeze();
    std::thread::scope(|scope| {
        let pushing = scope.spawn(|| Module::new("acme/pets").file("pets.proto", pets("age")).try_push(node));
        let answer = node.get(INDEX).is(503);
        assert!(answer.text().contains("database cannot be reached"), "{}", answer.text());
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(node.get("/healthz").status, 200, "the process itself is well");
        let ready = node.get("/readyz").is(503);
        assert!(ready.text().contains("database"), "{}", ready.text());
        assert!(pushing.join().unwrap().to_string().contains("database"), "a push is refused, too");
    });
    link.heal();
    eventually("it is ready again", || node.get("/readyz").status == 200);
    assert_eq!(node.get(INDEX).ok().text(), before, "what was refused was not done");
    Module::new("acme/pets").file("pets.proto", pets("age")).push(node);
    link.freeze();
    node.signal("TERM");
    eventually("it has ended", || node.process().try_wait().unwrap().is_some());
    assert!(node.process().wait().unwrap().success());
}

#[test]
fn a_start_without_a_word_of_the_database_is_one_line() {
    let database = Database::new();
    let link = database.link();
    link.freeze();
    let (directory, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = registry_command(home.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--store", &hasty(&database, &link), "--data-dir"]);
    let told = run(command.arg(directory.path())).could_not_run();
    assert_eq!(told.stderr.trim_end().lines().count(), 1, "{told}");
    assert!(told.stderr.contains("cannot be reached (it does not answer: no word for 1 s)"), "{told}");
}
