//! Transactions that callers compose: changes, and their records in the audit log.

use std::path::Path;

use super::damage::Damage;
use super::engine::Connection;
use super::error::{Result, Work};
use crate::model::Quotas;

/// One transaction. Its methods are in the files of the tables that they change. With [`Transaction::audit`], a change
/// and its record in the audit log are stored together or not at all.
pub struct Transaction<'a> {
    pub(super) conn: &'a Connection,
    pub(super) doing: &'static str,
    pub(super) path: &'a Path,
    pub(super) damage: &'a Damage,
    pub(super) quotas: &'a Quotas,
}

impl Transaction<'_> {
    pub(in crate::store) fn quotas(&self) -> &Quotas {
        self.quotas
    }

    /// Runs statements in this transaction.
    pub(in crate::store) fn run<T>(&self, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        work(self.conn).map_err(|fault| self.damage.explain(fault, self.doing, self.path))
    }
}
