//! What only a database on a server can do, or can suffer. [`super::both_engines`] runs these with a server; without one
//! there is nothing to test.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::database::{Database, address};
use crate::store::db::engine::Connection;
use crate::store::db::sqlite::migrate::newest_in_memory;
use crate::store::db::statements::query::{all, one, run};
use crate::store::owners::resting_name::Claim;
use crate::store::testing::{Scratch, at, details, module, module_id, node, owner, owner_id};
use crate::store::{ForeignChanges, IndexedModule, Store, StoreError, StoreOptions, WriteSet};

/// Two nodes of one database, and another program beside them. The database is dropped last.
struct Nodes {
    first: Store,
    second: Store,
    beside: Connection,
    database: Database,
}

fn two_nodes() -> Option<Nodes> {
    let database = Database::new_if_wanted()?;
    let [first, second] = [0; 2].map(|_| database.open(StoreOptions::default()));
    let beside = database.open_beside();
    Some(Nodes { first, second, beside, database })
}

pub(super) fn create(store: &Store, n: u8) -> Result<(), StoreError> {
    let owner = owner(n, &format!("acme{n}"));
    store.transaction("test", |tx| tx.claim_owner(&owner, &Claim::first(at(1))).map(drop))
}

/// Ends the connections of all others.
fn cut_connections(beside: &Connection) {
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    beside.execute_batch(cut).unwrap();
}

#[test]
fn tables_and_columns_are_those_of_sqlite() {
    let Some(database) = Database::empty_if_wanted() else { return };
    drop(database.open(StoreOptions::default()));
    let columns = |conn: &Connection, sql: &str| {
        let rows = all(conn, sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
        let mut columns = BTreeMap::<_, Vec<_>>::new();
        for (table, column) in rows {
            columns.entry(table).or_default().push(column);
        }
        columns
    };
    let of_sqlite =
        "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                     WHERE tables.type = 'table' AND tables.name NOT LIKE '%_words%' AND tables.name NOT LIKE 'sqlite_%'
                     ORDER BY tables.name, cid";
    let of_postgres = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
                       WHERE table_schema = 'public' AND table_name NOT LIKE '%_words%'
                       ORDER BY table_name, ordinal_position";
    let mut found = columns(&database.open_beside(), of_postgres);
    for own in ["registry_format", "changes", "changed_modules", "node_details", "node_plugins"] {
        found.remove(own).unwrap();
    }
    let mut expected = columns(&newest_in_memory().unwrap(), of_sqlite);
    // PostgreSQL has checksums of its own, of pages.
    expected.remove("table_checksums").unwrap();
    assert_eq!(found, expected, "a migration of one engine is missing in the other");
}

#[test]
fn texts_are_compared_by_their_bytes() {
    let Some(nodes) = two_nodes() else { return };
    let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns
               WHERE table_schema = 'public' AND data_type = 'text' AND coalesce(collation_name, '') <> 'C'";
    let others: Vec<String> = all(&nodes.beside, sql, [], |row| row.get(0)).unwrap();
    assert_eq!(others, Vec::<String>::new());
}

#[test]
fn nodes_that_start_at_once_make_the_tables_once() {
    let Some(database) = Database::empty_if_wanted() else { return };
    std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| database.open(StoreOptions::default()))).collect();
        for (n, node) in (1..).zip(nodes) {
            create(&node.join().unwrap(), n).unwrap();
        }
    });
}

#[test]
fn a_database_of_a_newer_program_or_of_another_one_is_left_alone() {
    let Some(database) = Database::empty_if_wanted() else { return };
    let beside = database.open_beside();
    beside.execute_batch("CREATE TABLE customers (name TEXT)").unwrap();
    let error = database.try_open().map(drop).unwrap_err();
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
    beside.execute_batch("DROP TABLE customers").unwrap();
    drop(database.open(StoreOptions::default()));
    beside.execute_batch("UPDATE registry_format SET format = 999, oldest_program = 998").unwrap();
    let error = database.try_open().map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("postgres:///") && !text.contains('\n'), "{text}");
}

#[test]
fn a_server_or_a_database_that_is_not_there_is_an_error() {
    let Some(nodes) = two_nodes() else { return };
    let nowhere = address(&nodes.database.socket_dir().join("nowhere"), "acme");
    let error = Store::connect(&nowhere, StoreOptions::default()).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    let unknown = address(nodes.database.socket_dir(), "nobody_has_made_this");
    let error = Store::connect(&unknown, StoreOptions::default()).map(drop).unwrap_err();
    assert!(error.to_string().contains("nobody_has_made_this"), "{error}");
}

#[test]
fn a_statement_may_take_longer_than_its_server_may_be_silent() {
    let Some(database) = Database::empty_if_wanted() else { return };
    let conn = database.open_beside_with("&connect_timeout=1");
    conn.execute_batch("SELECT pg_sleep(1.5)").unwrap();
    let pid = "SELECT pg_backend_pid()";
    let before: i64 = one(&conn, pid, [], |row| row.get(0)).unwrap().unwrap();
    conn.execute_batch("SELECT pg_sleep(1.5)").unwrap();
    let after: i64 = one(&conn, pid, [], |row| row.get(0)).unwrap().unwrap();
    assert_eq!(before, after, "the connection is the same");
}

#[test]
fn what_one_node_wrote_another_reads_and_all_changes_are_counted() {
    let Some(nodes) = two_nodes() else { return };
    let number = || nodes.first.changes().unwrap().number;
    assert!(nodes.first.is_shared());
    assert_eq!(number(), 0);
    create(&nodes.first, 1).unwrap();
    assert!(nodes.second.owner_by_id(owner_id(1)).unwrap().is_some());
    create(&nodes.second, 2).unwrap();
    assert_eq!(number(), 2);
    create(&nodes.first, 2).unwrap_err();
    nodes.first.beat(node(1), &details("first", &[]), at(1)).unwrap();
    nodes.first.check().unwrap();
    assert_eq!(number(), 2, "neither a refused change nor a quiet one is counted");
}

/// What a node learns, if anything.
fn learned(store: &Store) -> Option<ForeignChanges> {
    let mut learned = None;
    store.learn_changes(|changes| learned = Some(changes)).unwrap();
    learned
}

#[test]
fn a_node_learns_of_what_others_have_changed_and_of_nothing_else() {
    let Some(nodes) = two_nodes() else { return };
    let change = |store: &Store, modules: &[u8]| {
        let modules: Vec<_> = modules.iter().map(|n| module_id(*n)).collect();
        store.transaction_in(&modules, "test", |_| Ok::<_, StoreError>(())).unwrap();
    };
    let content = |modules: &[u8]| Some(ForeignChanges::Modules(modules.iter().map(|n| module_id(*n)).collect()));
    assert_eq!(learned(&nodes.first), None);
    create(&nodes.first, 1).unwrap();
    change(&nodes.first, &[1]);
    assert_eq!(learned(&nodes.first), None, "they are its own");
    assert_eq!(learned(&nodes.second), Some(ForeignChanges::Everything));
    assert_eq!(learned(&nodes.second), None);
    change(&nodes.first, &[2, 2]);
    change(&nodes.second, &[3]);
    change(&nodes.first, &[]);
    assert_eq!(learned(&nodes.first), content(&[3]));
    let mut sorted = learned(&nodes.second).unwrap();
    if let ForeignChanges::Modules(modules) = &mut sorted {
        modules.sort();
    }
    assert_eq!(Some(sorted), content(&[2, 3]), "its own are told again when another's came before");
    change(&nodes.first, &[]);
    assert_eq!(learned(&nodes.second), content(&[]), "there may be new jobs");
}

#[test]
fn a_delivery_is_made_by_the_node_that_took_it_until_its_time_is_over() {
    let Some(nodes) = two_nodes() else { return };
    create(&nodes.first, 1).unwrap();
    let row = "INSERT INTO webhooks VALUES (decode(repeat('01', 16), 'hex'), (SELECT id FROM owners), NULL,
                   'https://ci.example', 'json', 'push', NULL, 1, NULL, 0);
               INSERT INTO webhook_deliveries (id, webhook_id, event, data, state, created, tries, next_try)
                   SELECT 7, id, 'push', '{}', 'pending', 1, 0, 5 FROM webhooks";
    nodes.beside.execute_batch(row).unwrap();
    let take = |store: &Store, second| store.take_delivery(7, at(second), at(second + 60)).unwrap();
    assert!(take(&nodes.first, 10));
    assert!(!take(&nodes.second, 11));
    assert_eq!(nodes.second.due_deliveries(at(11), 9).unwrap(), []);
    assert!(take(&nodes.second, 71), "the first one has ended without a word");
    assert!(!take(&nodes.first, 72));
}

#[test]
fn heads_are_moved_by_whoever_has_seen_the_last_move() {
    let Some(nodes) = two_nodes() else { return };
    create(&nodes.first, 1).unwrap();
    let module = module(1, "acme1/pets", 1);
    nodes.first.transaction("test", |tx| tx.create_module(&module)).unwrap();
    let indexed = vec![IndexedModule { module: module.id, symbols: vec![] }];
    let push = WriteSet { commits: vec![], labels: vec![], jobs: vec![], indexed, at: at(9), by: owner_id(1) };
    let nothing = WriteSet { indexed: vec![], ..push.clone() };
    let store = |node: &Store, push: &WriteSet<'_>, turn| node.transaction("test", |tx| tx.push(push, turn));
    let [early, late] = [&nodes.first, &nodes.second].map(|node| node.begin_push_turn().unwrap());
    store(&nodes.second, &push, late).unwrap();
    assert!(matches!(store(&nodes.first, &push, early), Err(StoreError::Overtaken)));
    store(&nodes.first, &nothing, early).unwrap();
    store(&nodes.first, &push, nodes.first.begin_push_turn().unwrap()).unwrap();
}

#[test]
fn nodes_write_one_after_the_other() {
    let Some(nodes) = two_nodes() else { return };
    create(&nodes.first, 1).unwrap();
    let add = |store: &Store| {
        store.transaction::<_, StoreError>("test", |tx| {
            let before = tx.run(|conn| one(conn, "SELECT url FROM owners", [], |row| row.get::<_, String>(0)))?;
            std::thread::yield_now();
            tx.run(|conn| Ok(run(conn, "UPDATE owners SET url = ?1", [format!("{}x", before.unwrap())])?))
        })
    };
    std::thread::scope(|scope| {
        for store in [&nodes.first, &nodes.second, &nodes.first, &nodes.second] {
            scope.spawn(move || (0..25).for_each(|_| assert_eq!(add(store).unwrap(), 1)));
        }
    });
    assert_eq!(nodes.first.owner_by_id(owner_id(1)).unwrap().unwrap().url.len(), 100, "no change is lost");
}

#[test]
fn a_connection_that_was_cut_is_opened_again() {
    let Some(nodes) = two_nodes() else { return };
    create(&nodes.first, 1).unwrap();
    assert!(nodes.first.owner_by_id(owner_id(1)).unwrap().is_some());
    for n in 2..5 {
        cut_connections(&nodes.beside);
        assert_eq!(nodes.first.changes().unwrap().number, u64::from(n) - 1);
        assert!(nodes.first.owner_by_id(owner_id(1)).unwrap().is_some());
        create(&nodes.first, n).unwrap();
    }
}

#[test]
fn a_transaction_whose_connection_is_cut_is_done_once() {
    let Some(nodes) = two_nodes() else { return };
    let tries = std::cell::Cell::new(0);
    let user = owner(1, "acme");
    let created = nodes.first.transaction::<_, StoreError>("test", |tx| {
        let created = tx.claim_owner(&user, &Claim::first(at(1)))?;
        tries.set(tries.get() + 1);
        if tries.get() < 3 {
            cut_connections(&nodes.beside);
        }
        tx.role(owner_id(1), owner_id(1)).map(|_| created)
    });
    assert_eq!((created.unwrap(), tries.get(), nodes.first.changes().unwrap().number), (user, 3, 1));
    assert!(nodes.second.owner_by_id(owner_id(1)).unwrap().is_some());
}

#[test]
fn a_commit_whose_answer_is_lost_is_not_tried_again() {
    let Some(nodes) = two_nodes() else { return };
    let dies_at_the_end = "
        CREATE FUNCTION die() RETURNS TRIGGER LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON owners DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()";
    nodes.beside.execute_batch(dies_at_the_end).unwrap();
    let error = create(&nodes.first, 1).unwrap_err();
    assert!(matches!(error, StoreError::Unconfirmed { .. }), "{error}");
    nodes.beside.execute_batch("DROP TRIGGER dies ON owners").unwrap();
    create(&nodes.first, 1).unwrap();
}

#[test]
fn a_transaction_with_a_failed_statement_keeps_nothing_whatever_its_caller_says() {
    let Some(nodes) = two_nodes() else { return };
    let ignored = nodes.first.write("test", |conn| {
        run(conn, "INSERT INTO nodes VALUES (?1, 0)", [node(1)])?;
        let _ = run(conn, "INSERT INTO nodes VALUES (?1, 0)", [node(1)]);
        Ok(())
    });
    assert!(matches!(ignored, Err(StoreError::Sql { .. })), "{ignored:?}");
    assert_eq!(nodes.first.beat(node(2), &details("second", &[]), at(1)).unwrap().nodes.len(), 1);
}

#[test]
fn statements_go_on_after_another_node_has_added_a_column() {
    let Some(nodes) = two_nodes() else { return };
    create(&nodes.first, 1).unwrap();
    assert!(nodes.first.owner_by_id(owner_id(1)).unwrap().is_some());
    nodes.beside.execute_batch("ALTER TABLE owners ADD COLUMN color TEXT COLLATE \"C\"").unwrap();
    assert!(nodes.first.owner_by_id(owner_id(1)).unwrap().is_some());
    create(&nodes.first, 2).unwrap();
}

#[test]
fn what_only_a_database_file_can_is_refused_in_a_line() {
    let Some(nodes) = two_nodes() else { return };
    let dir = tempfile::tempdir().unwrap();
    let refused = [
        nodes.first.backup_to(&dir.path().join("copy"), &mut |_| {}, &mut |_| Ok(None)).map(drop).unwrap_err(),
        crate::store::PieceDir::new(dir.path())
            .add(&nodes.first, at(1), None, &mut |_| {}, &mut |_| Ok(None))
            .map(drop)
            .unwrap_err(),
        nodes.first.sealed_copy().map(drop).unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, StoreError::ServersOwn { .. }) && error.to_string().contains("pg_dump"), "{error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(nodes.first.structure_damage(true).unwrap(), Vec::<String>::new());
    let stats = nodes.first.stats().unwrap();
    assert!(stats.bytes > 1 << 20 && stats.log_bytes == 0);
}

#[test]
fn a_store_may_be_dropped_where_nothing_may_block() {
    let Some(nodes) = two_nodes() else { return };
    let Nodes { first, second, beside: _beside, database: _database } = nodes;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move {
        drop(first);
        drop(Arc::new(second));
    });
}

#[test]
fn a_test_of_the_store_runs_on_the_server_here() {
    if std::env::var_os(super::database::VARIABLE).is_some() {
        assert!(Scratch::empty().is_shared());
    }
}
