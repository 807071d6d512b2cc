//! Wakes idle workers when there is a job, or when the server ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes idle workers, and makes them stop.
#[derive(Default)]
pub(in crate::publish) struct WorkSignal {
    notified: Mutex<u64>,
    wake: Condvar,
    stopping: AtomicBool,
}

impl WorkSignal {
    pub(super) fn notify(&self) {
        *self.notified.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.wake.notify_all();
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.notify();
    }

    /// Whether the workers must end.
    pub(in crate::publish) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(super) fn count(&self) -> u64 {
        *self.notified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next signal after the count `seen`, or until `limit` has passed.
    pub(super) fn wait_after(&self, seen: u64, limit: Option<Duration>) {
        let guard = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        let unchanged = |notified: &mut u64| *notified == seen && !self.is_stopping();
        match limit {
            Some(limit) => drop(self.wake.wait_timeout_while(guard, limit, unchanged)),
            None => drop(self.wake.wait_while(guard, unchanged)),
        }
    }
}
