//! The memory that all compilations share: a compilation that finds none left waits.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::compile::error::CompileError;
use crate::model::Limits;

/// A compilation that takes no more bytes than this is small: it never waits, and has threads of its own.
pub(in crate::compile) const SMALL: u64 = 64 << 20;

static SHARED: Budget = Budget { used: Mutex::new(0), freed: Condvar::new() };

/// Waits until there are `bytes` of memory to compile in.
///
/// # Errors
/// When they are more than there can be, or others need theirs for longer than a compilation may take.
pub(in crate::compile) fn take(bytes: u64, limits: &Limits) -> Result<ReservedMemory<'static>, CompileError> {
    SHARED.take(bytes, limits)
}

struct Budget {
    used: Mutex<u64>,
    freed: Condvar,
}

/// Memory that is given back when this is dropped.
pub(in crate::compile) struct ReservedMemory<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Budget {
    fn take(&self, bytes: u64, limits: &Limits) -> Result<ReservedMemory<'_>, CompileError> {
        limits.check_compile_memory("the memory that compiling these sources may take", bytes)?;
        if bytes <= SMALL {
            return Ok(ReservedMemory { budget: self, bytes: 0 });
        }
        let is_full = |used: &mut u64| *used > 0 && used.saturating_add(bytes) > limits.compile_memory;
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let patience = Duration::from_secs(limits.compile_time);
        let waited = self.freed.wait_timeout_while(used, patience, is_full);
        let (mut used, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(CompileError::Busy);
        }
        *used += bytes;
        Ok(ReservedMemory { budget: self, bytes })
    }
}

impl Drop for ReservedMemory<'_> {
    fn drop(&mut self) {
        *self.budget.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const GIB: u64 = 1 << 30;

    fn budget() -> Budget {
        Budget { used: Mutex::new(0), freed: Condvar::new() }
    }

    #[test]
    fn large_ones_wait_for_each_other_and_small_ones_for_nobody() {
        let (budget, limits) = (budget(), Limits { compile_memory: 10 * GIB, ..Limits::default() });
        let first = budget.take(6 * GIB, &limits).unwrap();
        std::thread::scope(|scope| {
            let (started, waits) = channel();
            let (budget, limits) = (&budget, &limits);
            scope.spawn(move || started.send(budget.take(5 * GIB, limits).is_ok()).unwrap());
            drop(budget.take(SMALL, limits).unwrap());
            assert!(waits.recv_timeout(Duration::from_millis(50)).is_err());
            drop(first);
            assert!(waits.recv().unwrap());
        });
        assert_eq!(*budget.used.lock().unwrap(), 0);
    }

    #[test]
    fn who_waits_too_long_is_sent_away() {
        let (budget, limits) = (budget(), Limits { compile_memory: GIB, compile_time: 1, ..Limits::default() });
        let held = budget.take(GIB, &limits).unwrap();
        assert!(matches!(budget.take(GIB / 2, &limits), Err(CompileError::Busy)));
        drop(held);
    }
}
