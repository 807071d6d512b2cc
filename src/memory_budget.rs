//! A budget of memory: work waits until its share is free.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Memory that several pieces of work share. A clone is the same budget.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryBudget(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    reserved: Mutex<u64>,
    freed: Condvar,
}

/// A share of a budget, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct ReservedMemory {
    budget: MemoryBudget,
    bytes: u64,
    /// Whether it was the only share when it was reserved.
    pub(crate) is_first: bool,
}

impl MemoryBudget {
    /// Waits until `bytes` of `total` are free. A share that is larger than `total` waits until it is the only one.
    pub(crate) fn reserve(&self, bytes: u64, total: u64) -> ReservedMemory {
        let reserved = self.0.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.freed.wait_while(reserved, |reserved| is_short(*reserved, bytes, total));
        self.take(&mut waited.unwrap_or_else(PoisonError::into_inner), bytes)
    }

    /// As [`Self::reserve`], but waits for at most `patience`.
    pub(crate) fn reserve_within(&self, bytes: u64, total: u64, patience: Duration) -> Option<ReservedMemory> {
        let reserved = self.0.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        let is_short = |reserved: &mut u64| is_short(*reserved, bytes, total);
        let waited = self.0.freed.wait_timeout_while(reserved, patience, is_short);
        let (mut reserved, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        (!waited.timed_out()).then(|| self.take(&mut reserved, bytes))
    }

    fn take(&self, reserved: &mut u64, bytes: u64) -> ReservedMemory {
        let is_first = *reserved == 0;
        *reserved += bytes;
        ReservedMemory { budget: self.clone(), bytes, is_first }
    }
}

fn is_short(reserved: u64, bytes: u64, total: u64) -> bool {
    reserved > 0 && reserved.saturating_add(bytes) > total
}

impl Drop for ReservedMemory {
    fn drop(&mut self) {
        *self.budget.0.reserved.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.budget.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn reserved(budget: &MemoryBudget) -> u64 {
        *budget.0.reserved.lock().unwrap()
    }

    #[test]
    fn shares_that_fit_go_together_and_a_larger_one_goes_alone() {
        let budget = MemoryBudget::default();
        let (first, second) = (budget.reserve(30, 80), budget.reserve(50, 80));
        assert!(first.is_first && !second.is_first);
        assert!(budget.reserve_within(1, 80, Duration::from_millis(1)).is_none());
        std::thread::scope(|scope| {
            let (started, waits) = channel();
            let budget = &budget;
            scope.spawn(move || {
                let large = budget.reserve(1000, 80);
                started.send(reserved(budget)).unwrap();
                drop(large);
            });
            drop(first);
            assert!(waits.try_recv().is_err());
            drop(second);
            assert_eq!(waits.recv().unwrap(), 1000);
        });
        assert_eq!(reserved(&budget), 0);
        assert!(budget.reserve_within(1, 80, Duration::ZERO).is_some());
    }
}
