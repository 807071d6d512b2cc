//! What other nodes of the registry have changed, known before each request is answered.
//!
//! Nodes share a database that counts every write. A request may be answered from a cache only after the count was read,
//! by a read that began after the request came; otherwise a push or a revoked token that another node has acknowledged
//! could be missed. All requests that came before a read begins share it, so the cost is one round trip for many.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// The pause between two reads when no request comes: those who wait for an SDK learn of what other nodes made.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a request waits for a database that does not say a word.
const PATIENCE: Duration = Duration::from_secs(5);

/// A read of the count that has ended.
#[derive(Debug, Clone, Copy)]
struct Ended {
    /// The number of the read; the first is 1.
    number: u64,
    succeeded: bool,
}

/// The database could not say what has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreachable;

/// The reads of the count, and those who wait for them.
pub(super) struct Freshness {
    /// How many reads have begun.
    begun: AtomicU64,
    asked: Mutex<Asked>,
    wake: Condvar,
    ended: watch::Sender<Ended>,
}

#[derive(Default)]
struct Asked {
    is_wanted: bool,
    is_over: bool,
}

impl Default for Freshness {
    fn default() -> Self {
        let ended = watch::Sender::new(Ended { number: 0, succeeded: true });
        Self { begun: AtomicU64::new(0), asked: Mutex::default(), wake: Condvar::new(), ended }
    }
}

impl Freshness {
    /// Returns when this node knows of every change that was acknowledged before the call.
    pub(super) async fn catch_up(&self) -> Result<(), Unreachable> {
        let begun = self.begun.load(Ordering::SeqCst);
        let mut ended = self.ended.subscribe();
        self.ask(|asked| asked.is_wanted = true);
        // The sender lives as long as `self`, so waiting cannot fail but by taking too long.
        match tokio::time::timeout(PATIENCE, ended.wait_for(|ended| ended.number > begun)).await {
            Ok(Ok(ended)) if ended.succeeded => Ok(()),
            _ => Err(Unreachable),
        }
    }

    /// Lets [`Freshness::work`] return.
    pub(super) fn end(&self) {
        self.ask(|asked| asked.is_over = true);
    }

    fn ask(&self, change: impl FnOnce(&mut Asked)) {
        change(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
    }

    /// Waits for a request, or for a while; `false` when the server ends.
    fn wait(&self) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = |asked: &mut Asked| !asked.is_wanted && !asked.is_over;
        let (mut asked, _) =
            self.wake.wait_timeout_while(asked, PAUSE, is_idle).unwrap_or_else(PoisonError::into_inner);
        asked.is_wanted = false;
        !asked.is_over
    }

    /// Reads with `read` whenever it is asked for, until [`Freshness::end`].
    pub(super) fn work(&self, mut read: impl FnMut() -> bool) {
        while self.wait() {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let succeeded = read();
            self.ended.send_replace(Ended { number, succeeded });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_request_waits_for_a_read_that_began_after_it_came() {
        let (freshness, stored) = (Arc::new(Freshness::default()), Arc::new(AtomicU64::new(0)));
        let (known, reads) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let read = {
            let (stored, known, reads) = (Arc::clone(&stored), Arc::clone(&known), Arc::clone(&reads));
            move || {
                let value = stored.load(Ordering::SeqCst);
                // The first read is as slow as it takes for all requests to come.
                while stored.load(Ordering::SeqCst) < 200 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                known.store(value, Ordering::SeqCst);
                reads.fetch_add(1, Ordering::SeqCst);
                true
            }
        };
        let working = Arc::clone(&freshness);
        let thread = std::thread::spawn(move || working.work(read));
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let (freshness, stored, known) = (Arc::clone(&freshness), Arc::clone(&stored), Arc::clone(&known));
            requests.spawn(async move {
                let written = stored.fetch_add(1, Ordering::SeqCst) + 1;
                freshness.catch_up().await.unwrap();
                assert!(known.load(Ordering::SeqCst) >= written);
            });
        }
        while let Some(ended) = requests.join_next().await {
            ended.unwrap();
        }
        assert!(reads.load(Ordering::SeqCst) < 100, "requests share reads");
        freshness.end();
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_read_is_said() {
        let freshness = Arc::new(Freshness::default());
        let working = Arc::clone(&freshness);
        let thread = std::thread::spawn(move || working.work(|| false));
        assert_eq!(freshness.catch_up().await, Err(Unreachable));
        freshness.end();
        thread.join().unwrap();
    }
}
