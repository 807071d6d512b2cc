//! Rows that nobody needs any more: what has ended, and stays only because nothing has removed it yet.

use crate::model::Timestamp;
use crate::store::db::connections::Store;
use crate::store::db::engine::Connection;
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{count, run};
use crate::store::db::transaction::Transaction;

/// Since when rows must have ended to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Now: sessions that ended before it.
    pub sessions: Timestamp,
    /// Tokens that expired or were revoked before it.
    pub tokens: Timestamp,
    /// Names whose owner was deleted before it, which do not rest any more.
    pub names: Timestamp,
    /// Finished deliveries of webhooks that were last tried before it.
    pub deliveries: Timestamp,
    /// Crates in the object store that were stored before it and that no SDK names.
    pub objects: Timestamp,
}

/// How many rows nobody needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leftovers {
    /// Sign-ins in browsers that have ended.
    pub sessions: u64,
    /// Tokens that expired or were revoked.
    pub tokens: u64,
    /// Names of deleted owners that anybody can take.
    pub names: u64,
    /// Contents of files that belong to no commit.
    pub contents: u64,
    /// Deliveries of webhooks that are finished.
    pub deliveries: u64,
    /// Crates in the object store that no SDK names.
    pub objects: u64,
}

const SESSIONS: &str = "FROM sessions WHERE expires <= ?1";
const TOKENS: &str = "FROM tokens WHERE expires <= ?1 OR revoked <= ?1";
const NAMES: &str = "FROM resting_names WHERE deleted <= ?1";
const DELIVERIES: &str = "FROM webhook_deliveries WHERE state <> 'pending' AND last_try <= ?1";
const CONTENTS: &str = "FROM blobs WHERE NOT EXISTS (SELECT 1 FROM commit_files WHERE blob_id = blobs.id)";

impl Store {
    /// Counts what [`Transaction::remove_leftovers`] and [`Store::remove_orphans`] would remove.
    ///
    /// # Errors
    /// If the object store fails.
    pub fn leftovers(&self, ended: Ended) -> Result<Leftovers> {
        let rows = self.read("count what nobody needs", |conn| counted(conn, ended))?;
        Ok(Leftovers { objects: self.orphans(ended.objects)?, ..rows })
    }
}

impl Transaction<'_> {
    /// Removes the rows of what has ended and of what nothing refers to.
    pub fn remove_leftovers(&self, ended: Ended) -> Result<Leftovers> {
        self.run(|conn| {
            let found = counted(conn, ended)?;
            run(conn, &format!("DELETE {SESSIONS}"), [ended.sessions])?;
            run(conn, &format!("DELETE {TOKENS}"), [ended.tokens])?;
            run(conn, &format!("DELETE {NAMES}"), [ended.names])?;
            run(conn, &format!("DELETE {CONTENTS}"), [])?;
            run(conn, &format!("DELETE {DELIVERIES}"), [ended.deliveries])?;
            Ok(found)
        })
    }
}

fn counted(conn: &Connection, ended: Ended) -> Work<Leftovers> {
    let of = |rows: &str, time: Timestamp| count(conn, &format!("SELECT count(*) {rows}"), [time]);
    Ok(Leftovers {
        sessions: of(SESSIONS, ended.sessions)?,
        tokens: of(TOKENS, ended.tokens)?,
        names: of(NAMES, ended.names)?,
        contents: count(conn, &format!("SELECT count(*) {CONTENTS}"), [])?,
        deliveries: of(DELIVERIES, ended.deliveries)?,
        objects: 0,
    })
}
