//! Turns to move heads of labels. What a push decides holds as long as no other push moves a head meanwhile. Inside one
//! process a lock sees to that; nodes that share a store number their turns, and the store refuses what was decided
//! before another node's turn has ended.

use crate::store::db::connections::Store;
use crate::store::db::engine::Connection;
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::query::run;
use crate::store::db::statements::sql_values::Count;

/// The turn of a process to move heads of labels, from before it reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushTurn {
    /// How many turns of all nodes had ended when this one began; none if there are no other nodes.
    ended: Option<u64>,
}

impl PushTurn {
    /// A turn of the only process there is.
    #[cfg(test)]
    pub(in crate::store) const ALONE: Self = Self { ended: None };

    /// Ends the turn inside the transaction that moves heads.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] if another node has moved a head since it began.
    pub(super) fn end(self, conn: &Connection) -> Work<()> {
        let Some(ended) = self.ended else { return Ok(()) };
        match run(conn, "UPDATE changes SET turns = turns + 1 WHERE turns = ?1", [Count(ended)])? {
            0 => Err(StoreError::Overtaken.into()),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// Begins a turn. The heads that the decisions of this turn depend on are read after this.
    pub fn begin_push_turn(&self) -> Result<PushTurn> {
        if !self.is_shared() {
            return Ok(PushTurn { ended: None });
        }
        let Count(turns) = self.read_counts("begin a turn", |row| row.get("turns"))?;
        Ok(PushTurn { ended: Some(turns) })
    }
}
