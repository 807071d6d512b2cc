//! Transactions whose callers say what belongs together: changes, and the records of who made them.

use rusqlite::Connection;

use super::connections::Store;
use super::error::{Result, Work};
use crate::model::Quotas;

/// One transaction. The methods that change something stand beside the tables that they change; with
/// [`Transaction::audit`] among them a change and its record in the audit log are stored together or not at all.
pub struct Transaction<'a> {
    store: &'a Store,
    conn: &'a Connection,
    doing: &'static str,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(store: &'a Store, conn: &'a Connection, doing: &'static str) -> Self {
        Self { store, conn, doing }
    }

    pub(in crate::store) fn quotas(&self) -> &Quotas {
        self.store.quotas()
    }

    /// Runs statements in this transaction.
    pub(in crate::store) fn run<T>(&self, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        work(self.conn).map_err(|fault| self.store.explain(fault, self.doing))
    }
}
