//! Keeps crates that are made at the same time within a bound of memory: who finds no room waits.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::model::{DescriptorSet, ModuleName};

/// Bytes of memory per encoded byte of a module that making a crate of it takes at its peak, measured on all of
/// googleapis.
const FACTOR: u64 = 8;

/// The part of the memory that a single crate never takes: so a large one does not hold up small ones.
const KEPT_FREE: u64 = 8;

/// Memory to be shared out, in bytes.
pub(super) struct Room {
    all: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

impl Room {
    pub(super) fn new(all: u64) -> Self {
        Self { all, used: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits until there is room for a crate of `module`. One that needs more than there is waits until it is alone but
    /// for small ones.
    pub(super) fn take_for(&self, descriptors: &DescriptorSet, module: &ModuleName) -> Taken<'_> {
        let encoded: u64 = descriptors.of_module(module).map(|file| file.encoded.len() as u64).sum();
        self.take(encoded.saturating_mul(FACTOR))
    }

    fn take(&self, bytes: u64) -> Taken<'_> {
        let bytes = bytes.min(self.all - self.all / KEPT_FREE);
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |used: &mut u64| *used > 0 && used.saturating_add(bytes) > self.all;
        *self.freed.wait_while(used, is_full).unwrap_or_else(PoisonError::into_inner) += bytes;
        Taken { room: self, bytes }
    }
}

/// Room that is given back when this is dropped.
pub(super) struct Taken<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.room.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.room.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn small_ones_go_together_and_large_ones_alone() {
        let room = Room::new(80);
        let (small, other) = (room.take(30), room.take(50));
        assert_eq!(*room.used.lock().unwrap(), 80);
        std::thread::scope(|scope| {
            let (started, waits) = channel();
            let room = &room;
            scope.spawn(move || {
                let large = room.take(1000);
                let beside = room.take(10);
                started.send(*room.used.lock().unwrap()).unwrap();
                drop((large, beside));
            });
            drop(small);
            assert!(waits.try_recv().is_err());
            drop(other);
            assert_eq!(waits.recv().unwrap(), 80);
        });
        assert_eq!(*room.used.lock().unwrap(), 0);
    }
}
