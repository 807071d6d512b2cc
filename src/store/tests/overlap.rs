//! Programs of two neighbouring versions on one database, while the nodes of a registry are updated.
//!
//! What a newer program leaves is played by [`expand`]; what an older one finds, by this program with more migrations.
//! [`super::both_engines`] runs these with a server.

use std::path::Path;
use std::time::Duration;

use super::database::Database;
use super::on_postgres::create;
use crate::model::SdkState;
use crate::store::db::engine::Connection;
use crate::store::db::error::Work;
use crate::store::db::postgres::driver::Session;
use crate::store::db::postgres::migrate::{MIGRATIONS, Migration, Purpose, migrate_by, newest};
use crate::store::db::postgres::server::Server;
use crate::store::db::statements::query::{count, one, run};
use crate::store::testing::{at, details, key, module, new_job, node, owner_id};
use crate::store::{
    DatabaseAddress, JobSize, NodeDetails, PushTurn, SdkKey, Store, StoreError, StoreOptions, WriteSet,
};

/// What the migration of a newer program may add while this one runs: columns at the end, a table, an index.
const EXPANSION: &str = "
    DO 'DECLARE name TEXT; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = ''public'' LOOP
            EXECUTE ''ALTER TABLE '' || name || '' ADD COLUMN newer_text TEXT COLLATE \"C\"'';
            EXECUTE ''ALTER TABLE '' || name || '' ADD COLUMN newer_number BIGINT NOT NULL DEFAULT 7'';
        END LOOP;
    END';
    CREATE TABLE newer_rows (module_id BYTEA NOT NULL PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE DEFERRABLE);
    CREATE INDEX newer_index ON sdk_jobs (newer_number, id)";

/// What a newer program can do only when no node of this one is left.
const CONTRACTION: &str = "ALTER TABLE owners DROP COLUMN url";

/// Brings a database to the format of a newer program, which runs beside this one.
pub(super) fn expand(database: &DatabaseAddress) {
    let session = Session::open(&Server::at(database.clone())).unwrap();
    session.batch(EXPANSION).unwrap();
    session.batch("UPDATE registry_format SET format = format + 1").unwrap();
}

/// The migrations of this program, and then these.
fn and_then(newer: &[Migration]) -> Vec<Migration> {
    MIGRATIONS.iter().chain(newer).copied().collect()
}

/// What a program with these migrations does when it starts; a node is held to have ended after `patience`.
fn start(database: &Database, migrations: &[Migration], patience: Duration) -> Result<(), String> {
    let Connection::Postgres(session) = database.open_beside() else { unreachable!("a database on a server") };
    let started: Work<()> = migrate_by(migrations, &session, Path::new("acme"), Purpose::Serve, patience);
    started.map_err(|fault| fault.into_error("start", Path::new("acme")).to_string())
}

const SOON: Duration = Duration::from_secs(20);
const NOW: Duration = Duration::ZERO;

fn format(beside: &Connection) -> (u64, u64) {
    let number = |column| count(beside, &format!("SELECT {column} FROM registry_format"), []).unwrap();
    (number("format"), number("oldest_program"))
}

/// A database that the program of the first format has made.
fn of_the_first_format() -> Option<Database> {
    let database = Database::empty_if_wanted()?;
    start(&database, &MIGRATIONS[..1], NOW).unwrap();
    Some(database)
}

#[test]
fn of_nodes_that_start_at_once_on_an_older_format_one_brings_it_up_to_date() {
    let Some(database) = of_the_first_format() else { return };
    std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..3).map(|_| scope.spawn(|| database.open(StoreOptions::default()))).collect();
        for (n, node) in (1..).zip(nodes) {
            create(&node.join().unwrap(), n).unwrap();
        }
    });
    assert_eq!(format(&database.open_beside()), (newest(MIGRATIONS).into(), 1));
}

#[test]
fn a_node_of_the_program_before_goes_on_while_another_is_updated() {
    let Some(database) = of_the_first_format() else { return };
    let beside = database.open_beside();
    // What that program does: it says of itself only that it is alive.
    run(&beside, "INSERT INTO nodes VALUES (?1, 0)", [node(9)]).unwrap();
    let beat = || run(&beside, "UPDATE nodes SET beat = beat + 1 WHERE id = ?1", [node(9)]).unwrap();
    let updated = database.open(StoreOptions::default());
    assert_eq!(beat(), 1);
    updated.start_node(node(1), &details("new", &[]), at(1)).unwrap();
    let nodes = updated.nodes().unwrap();
    let names: Vec<_> = nodes.iter().map(|node| node.says.as_ref().map(|says| says.name.as_str())).collect();
    assert_eq!(names, [Some("new"), None]);
    assert_eq!(nodes[0].says.as_ref().unwrap().format, newest(MIGRATIONS));
}

#[test]
fn a_program_runs_on_a_newer_format_if_that_says_so_and_else_not() {
    let Some(database) = Database::empty_if_wanted() else { return };
    let own = newest(MIGRATIONS);
    let wider = and_then(&[Migration { sql: EXPANSION, oldest_program: own }]);
    start(&database, &wider, NOW).unwrap();
    assert_eq!(format(&database.open_beside()), (u64::from(own) + 1, own.into()));
    create(&database.open(StoreOptions::default()), 1).unwrap();
    assert_eq!(format(&database.open_beside()), (u64::from(own) + 1, own.into()), "it stays as it is");
    let narrower = [wider, vec![Migration { sql: CONTRACTION, oldest_program: own + 1 }]].concat();
    start(&database, &narrower, NOW).unwrap();
    let refused = database.try_open().map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found, known, .. } if (found, known) == (own + 2, own)), "{refused}");
}

#[test]
fn an_update_that_would_leave_a_running_node_out_is_refused_and_changes_nothing() {
    let Some(database) = Database::empty_if_wanted() else { return };
    let own = newest(MIGRATIONS);
    let running = database.open(StoreOptions::default());
    let says = details("web-1:8780", &[]);
    running.start_node(node(1), &says, at(1)).unwrap();
    let narrower = and_then(&[Migration { sql: CONTRACTION, oldest_program: own + 1 }]);
    let refused = std::thread::scope(|scope| {
        let starting = scope.spawn(|| start(&database, &narrower, SOON));
        while !starting.is_finished() {
            running.beat(node(1), &says, at(2)).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        starting.join().unwrap().unwrap_err()
    });
    assert_eq!(
        refused,
        "acme is in use by web-1:8780 (version 0.1.0), whose program is too old to run beside this one; end it first, or \
         update it to a version between the two; nothing was changed"
    );
    assert_eq!(format(&database.open_beside()), (own.into(), 1));
    create(&running, 1).unwrap();
    running.end_node(node(1)).unwrap();
    start(&database, &narrower, SOON).unwrap();
    assert_eq!(format(&database.open_beside()), (u64::from(own) + 1, u64::from(own) + 1));
}

#[test]
fn a_node_that_has_ended_without_a_word_holds_up_no_update() {
    let Some(database) = Database::empty_if_wanted() else { return };
    let store = database.open(StoreOptions::default());
    store.start_node(node(1), &details("gone", &[]), at(1)).unwrap();
    let narrower = and_then(&[Migration { sql: CONTRACTION, oldest_program: newest(MIGRATIONS) + 1 }]);
    start(&database, &narrower, Duration::from_millis(300)).unwrap();
    let left = one(&database.open_beside(), "SELECT count(*) FROM nodes", [], |row| row.get::<_, i64>(0));
    assert_eq!(left.unwrap(), Some(0));
}

/// A store on the database as the node `n` has it, which makes crates by these plugins.
fn node_with(database: &Database, n: u8, plugins: &[(&str, u32)]) -> (Store, NodeDetails) {
    let (store, says) = (database.open(StoreOptions::default()), details(&format!("node-{n}"), plugins));
    store.start_node(node(n), &says, at(1)).unwrap();
    (store, says)
}

#[test]
fn a_crate_is_left_to_a_node_that_has_its_plugin_in_that_revision() {
    let Some(database) = Database::new_if_wanted() else { return };
    let (former, _) = node_with(&database, 1, &[("prost", 1), ("tonic", 1)]);
    let (newer, says) = node_with(&database, 2, &[("prost", 2), ("tonic", 1), ("own", 1)]);
    create(&former, 1).unwrap();
    let pets = module(1, "acme1/pets", 1);
    former.transaction::<_, StoreError>("test", |tx| tx.create_module(&pets)).unwrap();
    let commit = crate::store::testing::commit(1, 1);
    let files = crate::store::testing::snapshot(&[("a.proto", "")]);
    let commits =
        vec![crate::store::NewCommit { commit, snapshot: &files, options: None, services: true, dependencies: vec![] }];
    let of = |plugin: &str, revision: u32| SdkKey { revision: crate::model::Revision(revision), ..key(1, plugin) };
    let keys = [of("prost", 1), of("prost", 2), of("own", 1), of("nobodys", 1)];
    let job = |key: &SdkKey| crate::store::NewJob { key: key.clone(), ..new_job(1, "pets", key.plugin.name(), &[]) };
    let jobs = keys.iter().map(job).collect();
    let push = WriteSet { commits, labels: vec![], jobs, indexed: vec![], at: at(1), by: owner_id(1) };
    former.transaction("test", |tx| tx.push(&push, PushTurn::ALONE)).unwrap();
    let take = |store: &Store, n: u8| store.claim_job(node(n), JobSize::Any, at(2)).unwrap().map(|job| job.key);
    let taken = [take(&former, 1), take(&former, 1), take(&former, 1)];
    assert_eq!(taken, [Some(keys[0].clone()), Some(keys[3].clone()), None], "what nobody has, anybody may fail");
    assert_eq!(
        [take(&newer, 2), take(&newer, 2), take(&newer, 2)],
        [Some(keys[1].clone()), Some(keys[2].clone()), None]
    );
    // When the only node that has it ends, there is nobody to leave it to.
    newer.end_node(node(2)).unwrap();
    assert_eq!(former.job(&keys[1]).unwrap().unwrap().state, SdkState::Queued);
    assert_eq!([take(&former, 1), take(&former, 1)], [Some(keys[1].clone()), Some(keys[2].clone())]);
    newer.beat(node(2), &says, at(3)).unwrap();
    assert_eq!(take(&newer, 2), None);
}
