//! Up to where a process knows the changes that all nodes make.

use std::sync::atomic::{AtomicU64, Ordering};

/// Up to which number a process knows all changes.
#[derive(Debug, Default)]
pub(super) struct KnownChanges(AtomicU64);

impl KnownChanges {
    pub(super) fn number(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Notes a change that this process has made. If another node was between it and what is known, that is still unknown.
    pub(super) fn add_own(&self, number: u64) {
        let _ = self.0.compare_exchange(number.saturating_sub(1), number, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Notes that all changes up to this one are known.
    pub(super) fn raise(&self, number: u64) {
        self.0.fetch_max(number, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_another_node_is_never_taken_for_ones_own() {
        let known = KnownChanges::default();
        known.raise(7);
        known.add_own(8);
        assert_eq!(known.number(), 8);
        known.add_own(10);
        assert_eq!(known.number(), 8, "the ninth is another node's, and not known yet");
        known.raise(10);
        known.raise(9);
        assert_eq!(known.number(), 10);
        known.add_own(11);
        assert_eq!(known.number(), 11);
    }
}
