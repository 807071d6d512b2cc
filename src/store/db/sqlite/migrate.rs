//! Brings a database to the newest format.
//!
//! Rules: an entry of [`MIGRATIONS`] is never changed, moved or removed; new entries are added after the last. A new
//! column of `commits`, `commit_files` or `sdks` that the checksum of its row covers changes all checksums: raise
//! [`CHECKSUMS_SINCE`], so that they are computed again. Inserts name no columns, so the insert of the table must get
//! the new column too.
//!
//! `user_version` counts the applied entries, `application_id` marks a database as ours.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{ErrorCode, TransactionBehavior};

use super::driver::begin;
use super::table_checksums;
use crate::fail_point::{self, FailPoint};
use crate::store::db::engine::{Connection, SqlError, SqlResult};
use crate::store::db::error::{Fault, StoreError, Work};
use crate::store::db::statements::query::all;
use crate::store::modules::commit_row;
use crate::store::sdks::sdk_row;

const MIGRATIONS: &[&str] = &[
    include_str!("sql/0001_initial.sql"),
    include_str!("sql/0002_search.sql"),
    include_str!("sql/0003_turns.sql"),
    include_str!("sql/0004_plugins.sql"),
    include_str!("sql/0005_recipes.sql"),
    include_str!("sql/0006_indexed.sql"),
    include_str!("sql/0007_retries.sql"),
    include_str!("sql/0008_sessions.sql"),
    include_str!("sql/0009_names.sql"),
    include_str!("sql/0010_row_checksums.sql"),
    include_str!("sql/0011_audit.sql"),
    include_str!("sql/0012_downloads.sql"),
    include_str!("sql/0013_webhooks.sql"),
    include_str!("sql/0014_settings.sql"),
    include_str!("sql/0015_check_plugins.sql"),
    include_str!("sql/0016_search_details.sql"),
    include_str!("sql/0017_history.sql"),
    include_str!("sql/0018_nodes.sql"),
    include_str!("sql/0019_table_checksums.sql"),
    include_str!("sql/0020_device_logins.sql"),
];

/// The newest format in one script, for an empty database: applying all of [`MIGRATIONS`] would take most of the time
/// of a first start. A test compares the results, and prints this file after a migration was added.
const NEWEST: &str = include_str!("sql/newest.sql");

/// The format from which on rows have checksums.
const CHECKSUMS_SINCE: u32 = 10;

/// `Regd`; the first migration writes it.
const APPLICATION_ID: i64 = 0x5265_6764;

/// The newest format that this program knows.
fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Refuses a database of a newer version, or of another program.
pub(in crate::store) fn check(conn: &Connection, path: &Path) -> Work<()> {
    let found = user_version(conn)?;
    if found > known() {
        return Err(StoreError::Newer { path: path.into(), found, known: known() }.into());
    }
    let application: i64 = conn.sqlite()?.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if (found > 0 || !is_empty(conn)?) && application != APPLICATION_ID {
        return Err(StoreError::NotADatabase { path: path.into() }.into());
    }
    Ok(())
}

/// Whether it has not one table.
pub(in crate::store) fn is_empty(conn: &Connection) -> Work<bool> {
    Ok(conn.sqlite()?.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? == 0)
}

/// Whether nothing is to be migrated.
pub(in crate::store) fn is_newest(conn: &Connection) -> Work<bool> {
    Ok(user_version(conn)? == known())
}

/// The definitions of the newest format, by the names of tables, indexes and triggers.
pub(in crate::store) fn definitions_of_newest() -> Work<BTreeMap<String, String>> {
    definitions(&newest_in_memory()?)
}

/// An empty database of the newest format, which tells what tables and columns there are.
pub(in crate::store) fn newest_in_memory() -> SqlResult<Connection> {
    let conn = rusqlite::Connection::open_in_memory()?;
    conn.execute_batch(NEWEST)?;
    Ok(Connection::Sqlite(conn))
}

/// The definitions in a database, by name, with one blank for each gap. The tables that keep the full-text index belong
/// to SQLite.
pub(in crate::store) fn definitions(conn: &Connection) -> Work<BTreeMap<String, String>> {
    let sql = "SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema
               WHERE sql IS NOT NULL AND name NOT LIKE '%\\_words\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let found = all(conn, sql, [], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let one_line = |text: Vec<u8>| String::from_utf8_lossy(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(found.into_iter().map(|(name, sql)| (one_line(name), one_line(sql))).collect())
}

/// Applies the missing migrations, all or none. Returns whether there were any.
///
/// # Errors
/// [`StoreError::NotUpdated`] if a migration does not fit the database at `path`.
pub(in crate::store) fn migrate(conn: &Connection, path: &Path) -> Work<bool> {
    let from = user_version(conn)?;
    if from == known() {
        return Ok(false);
    }
    apply(conn).map_err(|fault| match fault {
        Fault::Sql(error) => match reason(&error) {
            Some(reason) => StoreError::NotUpdated { path: path.into(), from, to: known(), reason }.into(),
            None => Fault::Sql(error),
        },
        refused => refused,
    })
}

/// The first line of what SQLite says of a statement that it cannot run; nothing for failures of the system. The
/// statement is left out.
fn reason(error: &SqlError) -> Option<String> {
    let message = match error {
        SqlError::Sqlite(rusqlite::Error::SqlInputError { msg, .. }) => msg,
        SqlError::Sqlite(rusqlite::Error::SqliteFailure(failure, Some(message)))
            if matches!(failure.code, ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) =>
        {
            message
        }
        _ => return None,
    };
    Some(message.lines().next().unwrap_or_default().to_owned())
}

fn apply(conn: &Connection) -> Work<bool> {
    let tx = begin(conn.sqlite()?, TransactionBehavior::Immediate)?;
    // Read again, because another process may have migrated the database meanwhile.
    let applied = user_version(conn)?;
    if applied == 0 {
        tx.execute_batch(NEWEST)?;
    }
    for migration in MIGRATIONS.iter().skip(if applied == 0 { MIGRATIONS.len() } else { applied as usize }) {
        tx.execute_batch(migration)?;
    }
    // SQLite has no SHA-256, so this fills the checksums that `0010_row_checksums.sql` leaves open.
    if (1..CHECKSUMS_SINCE).contains(&applied) {
        commit_row::fill_checksums(conn)?;
        sdk_row::fill_checksums(conn)?;
    }
    // A migration may change rows and columns, so the sums are those of what it leaves.
    table_checksums::renew(&tx)?;
    tx.pragma_update(None, "user_version", known())?;
    fail_point::reach(FailPoint::MigrationWritten);
    tx.commit()?;
    fail_point::reach(FailPoint::MigrationCommitted);
    Ok(applied < known())
}

fn user_version(conn: &Connection) -> SqlResult<u32> {
    Ok(conn.sqlite()?.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{Connection as AnyConnection, *};
    use crate::store::testing::{Scratch, at, commit, commit_id, module_id, new_job, sdk, snapshot};
    use crate::store::{Store, StoreOptions};

    /// Migrates the database, and gives it back.
    fn migrated(conn: Connection) -> (bool, Connection) {
        let conn = AnyConnection::Sqlite(conn);
        check(&conn, Path::new("registry.db")).unwrap();
        let changed = migrate(&conn, Path::new("registry.db")).unwrap();
        check(&conn, Path::new("registry.db")).unwrap();
        let AnyConnection::Sqlite(conn) = conn else { panic!("it is of SQLite") };
        (changed, conn)
    }

    fn definitions(conn: Connection) -> (BTreeMap<String, String>, Connection) {
        let conn = AnyConnection::Sqlite(conn);
        let found = super::definitions(&conn).unwrap();
        let AnyConnection::Sqlite(conn) = conn else { panic!("it is of SQLite") };
        (found, conn)
    }

    fn schema(conn: &Connection) -> Vec<String> {
        let mut rows = conn.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The statements that would make the database anew.
    fn statements(conn: &Connection) -> String {
        let sql = "SELECT sql FROM sqlite_schema
                   WHERE sql IS NOT NULL AND name NOT LIKE '%\\_words\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                   ORDER BY type = 'trigger', type = 'index', name";
        let mut rows = conn.prepare(sql).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|sql| format!("{};\n", sql.unwrap())).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_empty_database_gets_what_all_migrations_make() {
        let one_by_one = Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS {
            one_by_one.execute_batch(migration).unwrap();
        }
        let application = format!("PRAGMA application_id = {APPLICATION_ID:#x};\n\n");
        let newest = format!("{application}{}", statements(&one_by_one));
        assert!(newest == NEWEST, "src/store/db/sqlite/sql/newest.sql has to be:\n{newest}");

        let (_, at_once) = migrated(Connection::open_in_memory().unwrap());
        assert_eq!(statements(&at_once), statements(&one_by_one));
        assert_eq!(schema(&at_once), schema(&one_by_one));
        let newest = definitions_of_newest().unwrap();
        assert_eq!(definitions(one_by_one).0, newest);
        at_once.execute_batch("DROP INDEX symbols_by_name").unwrap();
        let (left, _) = definitions(at_once);
        let gone: Vec<_> = newest.keys().filter(|name| !left.contains_key(*name)).collect();
        assert_eq!(gone, ["symbols_by_name"]);
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let (changed, conn) = migrated(Connection::open_in_memory().unwrap());
        assert!(changed);
        let before = schema(&conn);
        assert!(before.iter().any(|name| name == "commits"));
        let (changed, conn) = migrated(conn);
        assert!(!changed);
        assert_eq!(schema(&conn), before);
        assert_eq!(user_version(&AnyConnection::Sqlite(conn)).unwrap(), known());
    }

    #[test]
    fn jobs_of_an_older_format_stand_in_the_lanes_of_their_modules() {
        let conn = Connection::open_in_memory().unwrap();
        for migration in &MIGRATIONS[..2] {
            conn.execute_batch(migration).unwrap();
        }
        conn.pragma_update(None, "user_version", 2).unwrap();
        let rows = "PRAGMA foreign_keys = OFF;
            INSERT INTO crates VALUES (7, 'acme_pets_community_prost', 'x', x'01');
            INSERT INTO sdk_jobs (commit_id, plugin, version, revision, crate_id, state, attempts, queued)
            VALUES (x'02', 'community/prost', 'v0.5.0', 1, 7, 'queued', 0, 0);";
        conn.execute_batch(rows).unwrap();
        let (changed, conn) = migrated(conn);
        assert!(changed);
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let job: (Vec<u8>, bool) = conn.query_row("SELECT lane, background FROM sdk_jobs", [], read).unwrap();
        assert_eq!(job, (vec![1], false));
    }

    #[test]
    fn rows_of_an_older_format_get_their_checksums() {
        let store = Scratch::with_modules();
        let files = snapshot(&[("a.proto", "a"), ("b.proto", "")]);
        store.push_files(2, 2, &files);
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        let job = store.claim(at(3)).unwrap();
        let made = sdk(&job, 1, b"crate");
        store.publish_sdk(job.claim(), &made, b"crate", at(4)).unwrap();
        let dir = store.close();
        let conn = Connection::open(dir.path().join("registry.db")).unwrap();
        let older = "ALTER TABLE commits DROP COLUMN row_checksum; ALTER TABLE commits DROP COLUMN files_checksum;
            DROP TABLE device_logins; DROP INDEX sdk_jobs_by_node; DROP TABLE nodes; DROP TABLE table_checksums;
            ALTER TABLE sdk_jobs DROP COLUMN node_id; ALTER TABLE sdk_jobs DROP COLUMN claim;
            ALTER TABLE commit_files DROP COLUMN row_checksum; ALTER TABLE sdks DROP COLUMN row_checksum;
            ALTER TABLE crates DROP COLUMN sdks_checksum; ALTER TABLE sdks ADD COLUMN line_digest BLOB;
            DROP INDEX audit_events_by_actor; DROP INDEX audit_events_by_action;
            ALTER TABLE audit_events DROP COLUMN actor_name; ALTER TABLE audit_events DROP COLUMN token_id;
            ALTER TABLE audit_events DROP COLUMN client; DROP TABLE downloads; DROP TABLE crate_users;
            DROP TABLE webhook_deliveries; DROP TABLE webhooks;
            DROP TABLE owner_settings; DROP TABLE module_settings; DROP TABLE verdicts;
            DROP TABLE commit_changes; DROP TABLE declarations; DROP TABLE histories;
            DROP TABLE commits_without_services; DROP TABLE check_plugin_label_events;
            DROP TABLE check_plugin_labels; DROP TABLE check_plugin_programs; DROP TABLE check_plugin_commits;
            DROP TABLE check_plugins;
            ALTER TABLE owners DROP COLUMN disabled;
            DROP TABLE commit_outlines; DROP TABLE symbol_details; DROP TABLE detail_words; ALTER TABLE symbols DROP COLUMN details;
            PRAGMA user_version = 9;";
        conn.execute_batch(older).unwrap();
        drop(conn);
        let store = Store::open(dir.path(), StoreOptions::default()).unwrap();
        assert_eq!(store.commit(commit_id(1)).unwrap(), Some(commit(1, 1)));
        assert_eq!(store.snapshot(commit_id(2)).unwrap(), files);
        assert_eq!(store.list_files(commit_id(2)).unwrap().len(), 2);
        assert_eq!(store.sdks_of_crate(module_id(1), &made.crate_name).unwrap(), [made]);
    }

    #[test]
    fn what_older_formats_said_in_messages_becomes_facts() {
        let conn = Connection::open_in_memory().unwrap();
        for migration in &MIGRATIONS[..6] {
            conn.execute_batch(migration).unwrap();
        }
        conn.pragma_update(None, "user_version", 6).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let unstored = "the crate could not be stored: no room";
        let failed = [unstored, "needs x, which failed: no room", "needs x, which failed: no room", "no such option"];
        for (id, message) in (1..).zip(failed) {
            let sql = "INSERT INTO sdk_jobs (id, commit_id, plugin, version, revision, crate_id, state, message, attempts, queued)
                       VALUES (?1, x'02', ?1, 'v0.5.0', 1, 7, 'failed', ?2, 1, 0)";
            conn.execute(sql, rusqlite::params![id, message]).unwrap();
        }
        conn.execute_batch("INSERT INTO job_needs VALUES (2, 1, 0), (3, 2, 0), (4, 1, 1)").unwrap();
        let (changed, conn) = migrated(conn);
        assert!(changed);
        let mut rows = conn.prepare("SELECT retry_at, root_id FROM sdk_jobs ORDER BY id").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let facts: Vec<(Option<i64>, Option<i64>)> = rows.map(Result::unwrap).collect();
        assert_eq!(facts, [(Some(0), None), (None, Some(1)), (None, Some(1)), (None, None)]);
    }
}
