//! The changes that other nodes make: the database numbers those of all nodes, and each node learns of them in turn.

use super::connections::Store;
use super::error::{Result, StoreError};
use super::retries::with_retries;
use super::statements::query::{Read, all, one};
use super::statements::sql_values::Count;
use crate::model::ModuleId;

/// What other nodes have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForeignChanges {
    /// It may concern every module, and who may do what.
    Everything,
    /// The content of these modules: commits, labels and SDKs. Without any, there may be new jobs.
    Modules(Vec<ModuleId>),
}

/// How often what is served has changed, and which of the changes was the last that may concern every module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Changes {
    pub(in crate::store) number: u64,
    of_all: u64,
}

impl Store {
    /// Calls `learn` with what other nodes have changed since the last call, if they have changed anything. When this
    /// returns, every change that was acknowledged before the call is known. One thread calls it at a time.
    ///
    /// Changes that are only counted, or kept for the nodes themselves, are not told: downloads, claims of jobs, beats.
    pub fn learn_changes(&self, learn: impl FnOnce(ForeignChanges)) -> Result<()> {
        if !self.is_shared() {
            return Ok(());
        }
        let (known, changes) = (self.known_changes().number(), self.changes()?);
        if changes.number <= known {
            return Ok(());
        }
        learn(match changes.of_all > known {
            true => ForeignChanges::Everything,
            false => ForeignChanges::Modules(self.changed_modules(known)?),
        });
        self.known_changes().raise(changes.number);
        Ok(())
    }

    pub(in crate::store) fn changes(&self) -> Result<Changes> {
        self.read_counts("count the changes", |row| {
            let (Count(number), Count(of_all)) = (row.get("number")?, row.get("of_all")?);
            Ok(Changes { number, of_all })
        })
    }

    /// Reads from the one row of counts, of a store that is shared: a statement by itself, which costs one round trip.
    pub(in crate::store) fn read_counts<T>(&self, doing: &'static str, read: Read<T>) -> Result<T> {
        let found = self.on_reader(doing, |conn| {
            with_retries(conn, || {
                conn.begin_statement()?;
                one(conn, "SELECT * FROM changes", [], read)
            })
        })?;
        found.ok_or_else(|| StoreError::Corrupt("the count of changes is lost".into()))
    }

    fn changed_modules(&self, since: u64) -> Result<Vec<ModuleId>> {
        let sql = "SELECT module_id FROM changed_modules WHERE number > ?1";
        self.read("list what has changed", |conn| all(conn, sql, [Count(since)], |row| row.get(0)))
    }
}
