//! A budget of memory for work in the server's own process: work waits until its share is free.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::resource_usage::resident;

/// The part of the memory that a single piece of work never takes: so a large one does not hold up small ones.
const KEPT_FREE: u64 = 8;

/// Memory to be shared out, in bytes.
#[derive(Clone)]
pub(in crate::publish) struct MemoryBudget(Arc<Shared>);

struct Shared {
    all: u64,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    used: u64,
    /// What the process took when nothing was shared out.
    idle: Option<u64>,
}

impl MemoryBudget {
    pub(in crate::publish) fn new(all: u64) -> Self {
        Self(Arc::new(Shared { all, state: Mutex::default(), freed: Condvar::new() }))
    }

    /// What a single piece of work may take.
    pub(in crate::publish) fn largest(&self) -> u64 {
        self.0.all - self.0.all / KEPT_FREE
    }

    /// Waits until there are so many bytes. Work that needs more than there is waits until it is alone but for small ones.
    pub(in crate::publish) fn take(&self, bytes: u64) -> Taken {
        let bytes = bytes.min(self.largest());
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.0.freed.wait_while(state, |state| self.is_short_of(bytes, state));
        self.taken(&mut state.unwrap_or_else(PoisonError::into_inner), bytes)
    }

    /// The same, but waits no longer than `limit`.
    pub(in crate::publish) fn take_within(&self, bytes: u64, limit: Duration) -> Option<Taken> {
        let bytes = bytes.min(self.largest());
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.freed.wait_timeout_while(state, limit, |state| self.is_short_of(bytes, state));
        let (mut state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        (!timeout.timed_out()).then(|| self.taken(&mut state, bytes))
    }

    fn is_short_of(&self, bytes: u64, state: &State) -> bool {
        state.used > 0 && state.used.saturating_add(bytes) > self.0.all
    }

    fn taken(&self, state: &mut State, bytes: u64) -> Taken {
        if state.used == 0 {
            state.idle = resident();
        }
        state.used += bytes;
        Taken { budget: self.clone(), bytes }
    }

    /// Whether the process takes more memory than was to be shared out, by what the system says.
    pub(in crate::publish) fn is_exceeded(&self) -> bool {
        let idle = self.0.state.lock().unwrap_or_else(PoisonError::into_inner).idle;
        let grown = resident().zip(idle).map(|(now, idle)| now.saturating_sub(idle));
        grown.is_some_and(|grown| grown > self.0.all)
    }
}

/// Memory that is given back when this is dropped.
pub(in crate::publish) struct Taken {
    budget: MemoryBudget,
    bytes: u64,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.budget.0.state.lock().unwrap_or_else(PoisonError::into_inner).used -= self.bytes;
        self.budget.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn used(budget: &MemoryBudget) -> u64 {
        budget.0.state.lock().unwrap().used
    }

    #[test]
    fn small_ones_go_together_and_large_ones_alone() {
        let budget = MemoryBudget::new(80);
        let (small, other) = (budget.take(30), budget.take(50));
        assert_eq!(used(&budget), 80);
        assert!(budget.take_within(1, Duration::from_millis(1)).is_none());
        std::thread::scope(|scope| {
            let (started, waits) = channel();
            let budget = &budget;
            scope.spawn(move || {
                let large = budget.take(1000);
                let beside = budget.take(10);
                started.send(used(budget)).unwrap();
                drop((large, beside));
            });
            drop(small);
            assert!(waits.try_recv().is_err());
            drop(other);
            assert_eq!(waits.recv().unwrap(), 80);
        });
        assert_eq!(used(&budget), 0);
        assert!(budget.take_within(1, Duration::ZERO).is_some());
    }

    #[test]
    fn more_than_was_shared_out_is_seen() {
        let budget = MemoryBudget::new(64 << 20);
        let _taken = budget.take(1);
        assert!(!budget.is_exceeded());
        let much = vec![1_u8; 512 << 20];
        assert_eq!(budget.is_exceeded(), cfg!(target_os = "linux"), "{}", std::hint::black_box(&much).len());
    }
}
