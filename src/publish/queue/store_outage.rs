//! Records whether the workers can store their results, for callers that wait for SDKs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::store::StoreError;

/// The reason why each worker, by its number, cannot store anything at present.
#[derive(Default)]
pub(in crate::publish) struct StoreOutage(Mutex<BTreeMap<usize, &'static str>>);

impl StoreOutage {
    /// Notes that the store failed for a worker; returns whether that is new.
    pub(in crate::publish) fn begin(&self, worker: usize, error: &StoreError) -> bool {
        let words = error.outage();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(worker, words) != Some(words)
    }

    /// Notes that the store works for a worker.
    pub(in crate::publish) fn end(&self, worker: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&worker);
    }

    /// The reason, for users.
    pub(in crate::publish) fn reason(&self) -> Option<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().next().copied()
    }
}
