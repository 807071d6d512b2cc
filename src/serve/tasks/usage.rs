//! Counts downloads of crates. They are counted in memory and written by a thread every few seconds, so no download
//! waits for the database; a process that is killed loses the last of them.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::model::{CrateName, ModuleId, SdkVersion, Sha256Digest, Timestamp, TokenId};
use crate::store::{Download, Store};

/// How often the counts are written.
const PAUSE: Duration = Duration::from_secs(2);

/// The most versions and days that are counted between two writes; more are not counted.
const MOST: usize = 100_000;

/// What stands for a token in the counts.
pub(in crate::serve) fn token_hash(token: TokenId) -> Sha256Digest {
    Sha256Digest::of(token.as_bytes())
}

/// Module, crate, version and day. The name alone is not enough: the module may be deleted, and its name taken, before
/// the counts are written.
type Key = (ModuleId, CrateName, Box<str>, i64);

#[derive(Debug, Default)]
struct Counted {
    count: u64,
    tokens: HashMap<Sha256Digest, Timestamp>,
}

/// The downloads that are not written yet.
#[derive(Debug, Default)]
pub(in crate::serve) struct Usage(Mutex<HashMap<Key, Counted>>);

impl Usage {
    /// Counts a download of a version that exists.
    pub(in crate::serve) fn count(
        &self,
        (module, name): (ModuleId, &CrateName),
        version: &str,
        token: Option<TokenId>,
        at: Timestamp,
    ) {
        let mut counts = self.counts();
        let key = (module, name.clone(), version.into(), at.day_number());
        if counts.len() >= MOST && !counts.contains_key(&key) {
            return;
        }
        let counted = counts.entry(key).or_default();
        counted.count += 1;
        if let Some(token) = token {
            counted.tokens.insert(token_hash(token), at);
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was counted. What cannot be written is lost: counts must not fill the memory.
    pub(in crate::serve) fn write(&self, store: &Store) {
        let counts = std::mem::take(&mut *self.counts());
        let download = |((module, name, version, day), counted): (Key, Counted)| {
            let version: SdkVersion = version.parse().ok()?;
            let tokens = counted.tokens.into_iter().collect();
            Some(Download { module, name, version, day, count: counted.count, tokens })
        };
        let downloads: Vec<_> = counts.into_iter().filter_map(download).collect();
        if downloads.is_empty() {
            return;
        }
        if let Err(error) = store.add_downloads(&downloads) {
            tracing::warn!(%error, versions = downloads.len(), "could not count downloads");
        }
    }
}

/// The thread that writes. Dropping it writes what is left, and ends the thread.
pub(in crate::serve) struct UsageWriter {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl UsageWriter {
    /// Starts to write the counts of `usage`.
    pub(in crate::serve) fn start(usage: Arc<Usage>, store: Store) -> Self {
        let (stop, stopped) = mpsc::channel();
        let work = move || {
            loop {
                let is_last = !matches!(stopped.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout));
                usage.write(&store);
                if is_last {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("usage".into()).spawn(work);
        let thread = thread.inspect_err(|error| tracing::error!(%error, "no thread to count downloads")).ok();
        Self { stop: Some(stop), thread }
    }
}

impl Drop for UsageWriter {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged already.
            let _ = thread.join();
        }
    }
}
