//! The count of connections that have requests and have shown no token.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many strangers' connections have a request.
#[derive(Default)]
pub(super) struct BusyStrangers(Arc<AtomicUsize>);

impl BusyStrangers {
    /// Counts one more. Returns how many there were before.
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
