//! A counter of changes: readers wait for the next change, and see whether what they cached of a module is stale.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use crate::model::ModuleId;

/// The number of slots that modules share. A change of one module makes what is cached of the others in its slot stale
/// as well, which costs a read and is otherwise harmless.
const SLOTS: usize = 1024;

/// Counts every change that readers can see, and every SDK that succeeds or fails. Remembers for each module at which
/// count its content last changed, so a push makes stale only what is cached of its own modules.
pub struct ChangeCounter {
    count: watch::Sender<u64>,
    /// The count of the last change that may concern any module, such as a change of visibility.
    of_all: AtomicU64,
    /// The counts of the last changes of single modules, by slot.
    of_modules: Box<[AtomicU64]>,
}

impl Default for ChangeCounter {
    fn default() -> Self {
        let of_modules = std::iter::repeat_with(AtomicU64::default).take(SLOTS).collect();
        Self { count: watch::Sender::new(0), of_all: AtomicU64::default(), of_modules }
    }
}

impl ChangeCounter {
    /// The present count. Data read after this call is at least as new as every change in the count.
    #[must_use]
    pub fn count(&self) -> u64 {
        *self.count.borrow()
    }

    /// Whether what was read of `module` when the count was `since` is what would be read now.
    #[must_use]
    pub fn is_current(&self, module: ModuleId, since: u64) -> bool {
        let changed = |slot: &AtomicU64| slot.load(Ordering::Acquire) > since;
        !changed(&self.of_all) && !changed(self.slot(module))
    }

    /// Counts a change that may concern every module; call it after the change is stored.
    pub fn changed(&self) {
        self.count_with(|count| self.of_all.store(count, Ordering::Release));
    }

    /// Counts a change that concerns the content of `modules` only: commits, labels and SDKs. Without modules, it only
    /// wakes those that wait. Call it after the change is stored.
    pub fn changed_in(&self, modules: &[ModuleId]) {
        self.count_with(|count| modules.iter().for_each(|it| self.slot(*it).store(count, Ordering::Release)));
    }

    /// Raises the count after `mark` has marked what changed with it, so whoever sees the count sees the marks too.
    fn count_with(&self, mark: impl FnOnce(u64)) {
        self.count.send_modify(|count| {
            *count += 1;
            mark(*count);
        });
    }

    fn slot(&self, module: ModuleId) -> &AtomicU64 {
        // Ids are random, except for their first bytes in some versions of UUIDs, which are times.
        let [.., high, low] = *module.as_bytes();
        &self.of_modules[usize::from(u16::from_be_bytes([high, low])) % SLOTS]
    }

    /// Waits until the count is larger than `seen`.
    pub async fn after(&self, seen: u64) {
        let mut receiver = self.count.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = receiver.wait_for(|count| *count > seen).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(n: u8) -> ModuleId {
        ModuleId::from_bytes([n; 16])
    }

    #[tokio::test]
    async fn a_change_that_came_before_the_wait_is_not_missed() {
        let progress = ChangeCounter::default();
        let seen = progress.count();
        progress.changed();
        progress.after(seen).await;
        assert_eq!(progress.count(), seen + 1);
        progress.changed_in(&[]);
        progress.after(seen + 1).await;
    }

    #[test]
    fn a_change_of_one_module_leaves_what_is_cached_of_others() {
        let progress = ChangeCounter::default();
        let read = progress.count();
        progress.changed_in(&[module(1), module(3)]);
        assert_eq!([1, 2, 3].map(|n| progress.is_current(module(n), read)), [false, true, false]);
        assert!(progress.is_current(module(1), progress.count()));
        progress.changed_in(&[]);
        assert!(progress.is_current(module(2), read));
        progress.changed();
        assert!(!progress.is_current(module(2), read));
        assert!(progress.is_current(module(2), progress.count()));
    }
}
