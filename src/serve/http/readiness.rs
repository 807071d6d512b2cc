//! Whether the store can be read and written, asked at most once a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::{DiskAccess, Store, StoreError};

/// How long an answer about the store stands for later questions: asking costs a write, and anybody may ask.
const STANDS: Duration = Duration::from_secs(1);

/// What the store said when it was last asked whether it can be read and written.
#[derive(Default)]
pub(in crate::serve) struct Readiness(Mutex<Option<(Instant, Ready)>>);

/// Whether requests can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Ready {
    /// Everything works.
    Yes,
    /// Only what writes does not: there is no room.
    ReadsOnly,
    /// The store cannot be used.
    No(&'static str),
}

impl Readiness {
    /// Asks the store, unless the last answer still stands. Blocks; callers that come meanwhile wait for the same answer.
    pub(in crate::serve) fn ask(&self, store: &Store) -> Ready {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, ready)) if at.elapsed() < STANDS => ready,
            _ => {
                let ready = Ready::of(store.check());
                *last = Some((Instant::now(), ready));
                ready
            }
        }
    }
}

impl Ready {
    fn of(checked: Result<(), StoreError>) -> Self {
        let Err(error) = checked else { return Self::Yes };
        tracing::warn!(%error, "the store is not ready");
        match error {
            StoreError::Full { .. } => Self::ReadsOnly,
            StoreError::Displaced { .. } => Self::No("its data directory was moved, replaced or deleted"),
            error => match error.disk_failure() {
                Some(DiskAccess::Written) => Self::No("the registry's disk cannot be written"),
                Some(DiskAccess::Read) => Self::No("the registry's disk cannot be read"),
                None => Self::No("the store cannot be read and written"),
            },
        }
    }
}
