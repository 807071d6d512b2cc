//! Turns to move heads of labels: code that reads the head of a label before moving it does both in one turn.

use std::sync::{MutexGuard, PoisonError};

use crate::publish::Publisher;
use crate::store::{PushTurn, StoreError};

/// A turn, among the threads of this process until it is dropped, and among nodes until the store ends it.
pub(super) struct Turn<'p> {
    /// The turn among nodes, for the transaction that moves heads.
    pub(super) of_store: PushTurn,
    _held: MutexGuard<'p, ()>,
}

impl Publisher {
    /// Begins a turn. Waits for those of other threads.
    pub(super) fn take_turn(&self) -> Result<Turn<'_>, StoreError> {
        let held = self.push_lock.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Turn { of_store: self.store.begin_push_turn()?, _held: held })
    }
}
