//! Counts the connections of strangers, clients without a token, that have requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of strangers' connections that have a request.
#[derive(Default)]
pub(super) struct BusyStrangers(Arc<AtomicUsize>);

impl BusyStrangers {
    /// Counts one more. Returns the number before.
    pub(super) fn add(&self) -> (usize, BusyStranger) {
        (self.0.fetch_add(1, Ordering::AcqRel), BusyStranger(Arc::clone(&self.0)))
    }
}

/// A stranger's connection that has a request; counted until it is dropped.
pub(super) struct BusyStranger(Arc<AtomicUsize>);

impl Drop for BusyStranger {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
