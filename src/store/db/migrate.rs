//! Brings a database to the newest format.
//!
//! Rules: an entry of [`MIGRATIONS`] is never changed, moved or removed; new entries are added behind the last. A new
//! column of `commits`, `commit_files` or `sdks` that the checksum of its row covers changes all checksums: raise
//! [`CHECKSUMS_SINCE`], so that they are computed again. Inserts name no columns, so the insert of the table must get
//! the new column too.
//!
//! `user_version` counts the applied entries, `application_id` marks a database as ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::error::{Fault, StoreError, Work};
use crate::fail_point::{self, FailPoint};
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
    include_str!("sql/0017_history.sql"),
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
    let empty =
        found == 0 && conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? == 0;
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if !empty && application != APPLICATION_ID {
        return Err(StoreError::NotADatabase { path: path.into() }.into());
    }
    Ok(())
}

/// Whether nothing is to be migrated.
pub(in crate::store) fn is_newest(conn: &Connection) -> Work<bool> {
    Ok(user_version(conn)? == known())
}

/// Applies the missing migrations, all or none. Returns whether there were any.
///
/// # Errors
/// [`StoreError::NotUpdated`] if a migration does not fit the database at `path`.
pub(in crate::store) fn migrate(conn: &mut Connection, path: &Path) -> Work<bool> {
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
fn reason(error: &rusqlite::Error) -> Option<String> {
    let message = match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if matches!(failure.code, ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) =>
        {
            message
        }
        _ => return None,
    };
    Some(message.lines().next().unwrap_or_default().to_owned())
}

fn apply(conn: &mut Connection) -> Work<bool> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again, because another process may have migrated the database meanwhile.
    let applied = user_version(&tx)?;
    if applied == 0 {
        tx.execute_batch(NEWEST)?;
    }
    for migration in MIGRATIONS.iter().skip(if applied == 0 { MIGRATIONS.len() } else { applied as usize }) {
        tx.execute_batch(migration)?;
    }
    // SQLite has no SHA-256, so this fills the checksums that `0010_row_checksums.sql` leaves open.
    if (1..CHECKSUMS_SINCE).contains(&applied) {
        commit_row::fill_checksums(&tx)?;
        sdk_row::fill_checksums(&tx)?;
    }
    tx.pragma_update(None, "user_version", known())?;
    fail_point::reach(FailPoint::MigrationWritten);
    tx.commit()?;
    fail_point::reach(FailPoint::MigrationCommitted);
    Ok(applied < known())
}

/// The names of what is not declared as in the newest format: SQLite reads some damaged declarations without a word.
pub(in crate::store) fn changed_declarations(conn: &Connection) -> Work<Vec<String>> {
    let newest = Connection::open_in_memory()?;
    newest.execute_batch(NEWEST)?;
    let (found, expected) = (declarations(conn)?, declarations(&newest)?);
    let names: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    Ok(names.into_iter().filter(|name| found.get(*name) != expected.get(*name)).cloned().collect())
}

/// The statements that would make everything anew, by name.
fn declarations(conn: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut rows = conn.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn user_version(conn: &Connection) -> rusqlite::Result<u32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, commit, commit_id, module_id, new_job, sdk, snapshot};
    use crate::store::{Store, StoreOptions};

    fn schema(conn: &Connection) -> Vec<String> {
        let mut rows = conn.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The statements that would make the database anew.
    fn statements(conn: &Connection) -> String {
        let sql = "SELECT sql FROM sqlite_schema
                   WHERE sql IS NOT NULL AND name NOT LIKE 'symbol\\_words\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
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
        assert!(newest == NEWEST, "src/store/db/sql/newest.sql has to be:\n{newest}");

        let mut at_once = Connection::open_in_memory().unwrap();
        migrate(&mut at_once, Path::new("registry.db")).unwrap();
        assert_eq!(statements(&at_once), statements(&one_by_one));
        assert_eq!(schema(&at_once), schema(&one_by_one));
        check(&at_once, Path::new("registry.db")).unwrap();
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut conn = Connection::open_in_memory().unwrap();
        let path = Path::new("registry.db");
        check(&conn, path).unwrap();
        assert!(migrate(&mut conn, Path::new("registry.db")).unwrap());
        let before = schema(&conn);
        assert!(before.iter().any(|name| name == "commits"));
        assert!(!migrate(&mut conn, Path::new("registry.db")).unwrap());
        check(&conn, path).unwrap();
        assert_eq!(schema(&conn), before);
        assert_eq!(user_version(&conn).unwrap(), known());
    }

    #[test]
    fn jobs_of_an_older_format_stand_in_the_lanes_of_their_modules() {
        let mut conn = Connection::open_in_memory().unwrap();
        for migration in &MIGRATIONS[..2] {
            conn.execute_batch(migration).unwrap();
        }
        conn.pragma_update(None, "user_version", 2).unwrap();
        let rows = "PRAGMA foreign_keys = OFF;
            INSERT INTO crates VALUES (7, 'acme_pets_community_prost', 'x', x'01');
            INSERT INTO sdk_jobs (commit_id, plugin, version, revision, crate_id, state, attempts, queued)
            VALUES (x'02', 'community/prost', 'v0.5.0', 1, 7, 'queued', 0, 0);";
        conn.execute_batch(rows).unwrap();
        assert!(migrate(&mut conn, Path::new("registry.db")).unwrap());
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
        store.publish_sdk(job.id, &made, b"crate", at(4)).unwrap();
        let dir = store.close();
        let conn = Connection::open(dir.path().join("registry.db")).unwrap();
        let older = "ALTER TABLE commits DROP COLUMN row_checksum; ALTER TABLE commits DROP COLUMN files_checksum;
            ALTER TABLE commit_files DROP COLUMN row_checksum; ALTER TABLE sdks DROP COLUMN row_checksum;
            ALTER TABLE crates DROP COLUMN sdks_checksum; ALTER TABLE sdks ADD COLUMN line_digest BLOB;
            DROP INDEX audit_events_by_actor; DROP INDEX audit_events_by_action;
            ALTER TABLE audit_events DROP COLUMN actor_name; ALTER TABLE audit_events DROP COLUMN token_id;
            ALTER TABLE audit_events DROP COLUMN client; DROP TABLE downloads; DROP TABLE crate_users;
            DROP TABLE webhook_deliveries; DROP TABLE webhooks;
            DROP TABLE owner_settings; DROP TABLE module_settings; DROP TABLE verdicts;
            DROP TABLE commit_changes; DROP TABLE declarations; DROP TABLE histories;
            ALTER TABLE owners DROP COLUMN disabled;
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
        let mut conn = Connection::open_in_memory().unwrap();
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
        assert!(migrate(&mut conn, Path::new("registry.db")).unwrap());
        let mut rows = conn.prepare("SELECT retry_at, root_id FROM sdk_jobs ORDER BY id").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let facts: Vec<(Option<i64>, Option<i64>)> = rows.map(Result::unwrap).collect();
        assert_eq!(facts, [(Some(0), None), (None, Some(1)), (None, Some(1)), (None, None)]);
    }
}
