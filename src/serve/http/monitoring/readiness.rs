//! Whether the store can be read and written, and the object store answers; asked about no more often than is needed.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::{DiskAccess, Store, StoreError};

/// How long a check of the store is cached: it costs a write, and anybody may request it.
const CHECKED_FOR: Duration = Duration::from_secs(1);

/// How long it is relied upon how the object store was: looking costs a request to another machine.
const LOOKED_AT_FOR: Duration = Duration::from_secs(5);

/// The results of the last checks.
#[derive(Default)]
pub(in crate::serve) struct Readiness {
    store: Last<Ready>,
    object_store: Last<Option<Result<(), &'static str>>>,
}

/// The last result of a check.
struct Last<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Copy> Last<T> {
    /// The last result, or what `check` gives if that is older than `valid`. Concurrent callers wait for the same result.
    fn or(&self, valid: Duration, check: impl FnOnce() -> T) -> T {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, found)) if at.elapsed() < valid => found,
            _ => {
                let found = check();
                *last = Some((Instant::now(), found));
                found
            }
        }
    }
}

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
    /// Checks the store, unless the last result is still valid. Blocks.
    pub(in crate::serve) fn ask(&self, store: &Store) -> Ready {
        self.store.or(CHECKED_FOR, || Ready::of(store.check()))
    }

    /// Whether the object store with the crates is well; if not, why, worded for users. `None` if there is none. Blocks.
    pub(in crate::serve) fn object_store(&self, store: &Store) -> Option<Result<(), &'static str>> {
        self.object_store.or(LOOKED_AT_FOR, || store.object_store_health())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_relied_upon_for_a_while() {
        let last = Last::default();
        assert_eq!(last.or(Duration::from_secs(3600), || 1), 1);
        assert_eq!(last.or(Duration::from_secs(3600), || 2), 1);
        assert_eq!(last.or(Duration::ZERO, || 3), 3);
    }
}
