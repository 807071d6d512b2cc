//! The memory for crates that are made in the server's own process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::resource_usage::resident;
use crate::memory_budget::{MemoryBudget, ReservedMemory};

/// One eighth of the memory is never given to a single build, so that a large build does not hold up small ones.
const KEPT_FREE: u64 = 8;

/// Memory that builds share, in bytes.
#[derive(Clone)]
pub(in crate::publish) struct BuildMemory {
    total: u64,
    budget: MemoryBudget,
    /// The memory of the process when nothing was reserved.
    idle: Arc<Mutex<Option<u64>>>,
}

impl BuildMemory {
    pub(in crate::publish) fn new(total: u64) -> Self {
        Self { total, budget: MemoryBudget::default(), idle: Arc::default() }
    }

    /// The most bytes that a single build may take.
    pub(in crate::publish) fn largest(&self) -> u64 {
        self.total - self.total / KEPT_FREE
    }

    /// Waits until `bytes` are free, and reserves them. A build that needs more than the total waits until only small
    /// builds run beside it.
    pub(in crate::publish) fn reserve(&self, bytes: u64) -> ReservedMemory {
        self.note_idle(self.budget.reserve(bytes.min(self.largest()), self.total))
    }

    /// As [`Self::reserve`], but waits for at most `patience`.
    pub(in crate::publish) fn reserve_within(&self, bytes: u64, patience: Duration) -> Option<ReservedMemory> {
        let reserved = self.budget.reserve_within(bytes.min(self.largest()), self.total, patience);
        reserved.map(|reserved| self.note_idle(reserved))
    }

    fn note_idle(&self, reserved: ReservedMemory) -> ReservedMemory {
        if reserved.is_first {
            *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = resident();
        }
        reserved
    }

    /// Whether the process has grown by more than the total since nothing was reserved, by the operating system's
    /// figures.
    pub(in crate::publish) fn is_exceeded(&self) -> bool {
        let idle = *self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let grown = resident().zip(idle).map(|(now, idle)| now.saturating_sub(idle));
        grown.is_some_and(|grown| grown > self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_share_leaves_room_for_small_ones() {
        let memory = BuildMemory::new(80);
        let large = memory.reserve(1000);
        assert!(memory.reserve_within(11, Duration::ZERO).is_none());
        assert!(memory.reserve_within(10, Duration::ZERO).is_some());
        drop(large);
    }

    #[test]
    fn more_than_was_shared_out_is_seen() {
        let memory = BuildMemory::new(64 << 20);
        let _reserved = memory.reserve(1);
        assert!(!memory.is_exceeded());
        let much = vec![1_u8; 512 << 20];
        assert_eq!(memory.is_exceeded(), cfg!(target_os = "linux"), "{}", std::hint::black_box(&much).len());
    }
}
