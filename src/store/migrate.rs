//! Brings a database to the newest format.
//!
//! Rules: an entry of [`MIGRATIONS`] is never changed, moved or removed, only new ones are added behind the last.
//! `user_version` counts the entries that were applied, `application_id` tells our files from those of others.

use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

use super::error::{StoreError, Work};
use crate::fail_point::{self, FailPoint};

const MIGRATIONS: &[&str] = &[
    include_str!("sql/0001_initial.sql"),
    include_str!("sql/0002_search.sql"),
    include_str!("sql/0003_turns.sql"),
    include_str!("sql/0004_plugins.sql"),
    include_str!("sql/0005_recipes.sql"),
    include_str!("sql/0006_indexed.sql"),
];

/// `Regd`; the first migration writes it.
const APPLICATION_ID: i64 = 0x5265_6764;

/// The newest format that this program knows.
fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Refuses a database that a newer program, or another kind of program, made.
pub(super) fn check(conn: &Connection, path: &Path) -> Work<()> {
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

/// Applies what is missing, all or nothing. Returns whether anything was.
pub(super) fn migrate(conn: &mut Connection) -> Work<bool> {
    if user_version(conn)? == known() {
        return Ok(false);
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another process may have been faster.
    let applied = user_version(&tx)?;
    for migration in MIGRATIONS.iter().skip(applied as usize) {
        tx.execute_batch(migration)?;
    }
    tx.pragma_update(None, "user_version", known())?;
    fail_point::reach(FailPoint::MigrationWritten);
    tx.commit()?;
    fail_point::reach(FailPoint::MigrationCommitted);
    Ok(applied < known())
}

fn user_version(conn: &Connection) -> rusqlite::Result<u32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(conn: &Connection) -> Vec<String> {
        let mut rows = conn.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut conn = Connection::open_in_memory().unwrap();
        let path = Path::new("registry.db");
        check(&conn, path).unwrap();
        assert!(migrate(&mut conn).unwrap());
        let before = schema(&conn);
        assert!(before.iter().any(|name| name == "commits"));
        assert!(!migrate(&mut conn).unwrap());
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
        assert!(migrate(&mut conn).unwrap());
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let job: (Vec<u8>, bool) = conn.query_row("SELECT lane, background FROM sdk_jobs", [], read).unwrap();
        assert_eq!(job, (vec![1], false));
    }
}
