//! Reads that are under way: whoever wants the same object meanwhile gets what they give.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;

use super::failure::Failure;
use crate::model::Sha256Digest;
use crate::store::db::blocking::blocking;

/// What a read gives, once it has ended.
type Read = Arc<OnceLock<Result<Bytes, Failure>>>;

/// The reads that are under way, by what they read.
#[derive(Debug, Default)]
pub(super) struct SharedReads(Mutex<HashMap<Sha256Digest, Read>>);

impl SharedReads {
    /// What `read` gives, or another call for the same object that began before and has not ended.
    pub(super) fn read(
        &self,
        digest: &Sha256Digest,
        read: impl FnOnce() -> Result<Bytes, Failure> + Send,
    ) -> Result<Bytes, Failure> {
        let shared = Arc::clone(self.lock().entry(*digest).or_default());
        let done = blocking(|| shared.get_or_init(read).clone());
        let mut under_way = self.lock();
        if under_way.get(digest).is_some_and(|last| Arc::ptr_eq(last, &shared)) {
            under_way.remove(digest);
        }
        done
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sha256Digest, Read>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn those_who_come_while_an_object_is_read_share_it_and_later_ones_read_anew() {
        let (reads, digest, times) = (SharedReads::default(), Sha256Digest::of(b"a"), AtomicU32::new(0));
        let all = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    all.wait();
                    let read = reads.read(&digest, || {
                        times.fetch_add(1, Ordering::SeqCst);
                        // Until all the others wait: they hold the entry too.
                        while Arc::strong_count(reads.lock().get(&digest).unwrap()) < 9 {
                            std::thread::yield_now();
                        }
                        Err(Failure::Busy("503".into()))
                    });
                    assert_eq!(read, Err(Failure::Busy("503".into())));
                });
            }
        });
        assert_eq!((times.load(Ordering::SeqCst), reads.lock().len()), (1, 0));
        assert_eq!(reads.read(&digest, || Ok(Bytes::from_static(b"a"))), Ok(Bytes::from_static(b"a")));
    }
}
