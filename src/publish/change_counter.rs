//! A counter of changes: readers wait for the next change, and see whether their caches are stale.

use tokio::sync::watch;

/// Counts every change that readers can see, and every SDK that succeeds or fails.
pub struct ChangeCounter(watch::Sender<u64>);

impl Default for ChangeCounter {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl ChangeCounter {
    /// The present count. Data read after this call is at least as new as every change in the count.
    #[must_use]
    pub fn count(&self) -> u64 {
        *self.0.borrow()
    }

    /// Counts a change; call it after the change is stored.
    pub fn changed(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Waits until the count is larger than `seen`.
    pub async fn after(&self, seen: u64) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = receiver.wait_for(|count| *count > seen).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_that_came_before_the_wait_is_not_missed() {
        let progress = ChangeCounter::default();
        let seen = progress.count();
        progress.changed();
        progress.after(seen).await;
        assert_eq!(progress.count(), seen + 1);
    }
}
