//! Whether the store can be read and written, checked at most once a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::{DiskAccess, Store, StoreError};

/// How long a check of the store is cached: it costs a write, and anybody may request it.
const CHECKED_FOR: Duration = Duration::from_secs(1);

/// The result of the last check of the store.
#[derive(Default)]
pub(in crate::serve) struct Readiness(Mutex<Option<(Instant, Ready)>>);

/// Whether requests can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Ready {
    /// Everything works.
    Yes,
    /// Only reads work: the disk is full.
    ReadsOnly,
    /// The store cannot be used.
    No(&'static str),
}

impl Readiness {
    /// Checks the store, unless the last result is still valid. Blocks; concurrent callers wait for the same result.
    pub(in crate::serve) fn ask(&self, store: &Store) -> Ready {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, ready)) if at.elapsed() < CHECKED_FOR => ready,
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
            StoreError::Unreachable { .. } | StoreError::NotLetIn { .. } => Self::No("the database cannot be reached"),
            StoreError::Displaced { .. } => Self::No("its data directory was moved, replaced or deleted"),
            error => match error.disk_failure() {
                Some(DiskAccess::Written) => Self::No("the registry's disk cannot be written"),
                Some(DiskAccess::Read) => Self::No("the registry's disk cannot be read"),
                None => Self::No("the store cannot be read and written"),
            },
        }
    }
}
