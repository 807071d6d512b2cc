//! Backups that the server makes by itself: a thread adds one to the directory of the settings when the newest is old
//! enough, and what came of it is told in `/metrics`, `registry status`, `/readyz?verbose` and on the page for
//! administrators. A copy in which something is damaged is no backup: it fails, and no backup is removed for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::config::BackupSettings;
use crate::model::Timestamp;
use crate::publish::{Clock, copy_damage_aside};
use crate::store::{BackupDir, DatedBackup, Store, StoreError};

/// How long after a failure the next try is made, if backups are not made more often.
const RETRY: Duration = Duration::from_secs(300);

/// How long the end of the server waits for a backup that is being compared. What is left of one that takes longer is
/// removed by the next start.
const END: Duration = Duration::from_secs(5);

/// What came of the backups so far.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct BackupState {
    /// The newest backup in the directory.
    pub newest: Option<DatedBackup>,
    /// Why the last try failed; none if it did not.
    pub problem: Option<String>,
    /// Tries that failed since the start.
    pub failures: u64,
}

impl BackupState {
    /// Seconds since the newest backup was begun.
    pub(in crate::serve) fn age(&self, now: Timestamp) -> Option<i64> {
        self.newest.as_ref().map(|newest| now.as_seconds().saturating_sub(newest.at.as_seconds()).max(0))
    }
}

/// What came of the backups, for those who ask.
#[derive(Debug, Default)]
pub(in crate::serve) struct Backups(Mutex<BackupState>);

impl Backups {
    /// The state at this moment.
    pub(in crate::serve) fn state(&self) -> BackupState {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BackupState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that makes backups. Dropping it stops a backup in the making, of which nothing is left.
pub(in crate::serve) struct BackupSchedule {
    stop: Option<Sender<()>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Worker {
    dir: BackupDir,
    settings: BackupSettings,
    backups: Arc<Backups>,
    store: Store,
    clock: Clock,
    stopping: Arc<AtomicBool>,
}

impl BackupSchedule {
    /// Starts to make backups: the first one at once, unless the newest in the directory is young enough.
    ///
    /// # Errors
    /// When the directory cannot be created or read.
    pub(in crate::serve) fn start(
        settings: &BackupSettings,
        backups: Arc<Backups>,
        store: Store,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let dir = BackupDir::open(&settings.dir)?;
        backups.lock().newest = dir.backups()?.pop();
        let stopping = Arc::new(AtomicBool::new(false));
        let worker = Worker { dir, settings: settings.clone(), backups, store, clock, stopping: Arc::clone(&stopping) };
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("backup".into()).spawn(move || worker.run(&stopped));
        let thread = thread.inspect_err(|error| tracing::error!(%error, "no thread to make backups")).ok();
        Ok(Self { stop: Some(stop), stopping, thread })
    }
}

impl Drop for BackupSchedule {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else { return };
        let end = Instant::now() + END;
        while !thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() {
            // A panic of the thread was logged already.
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn run(&self, stopped: &Receiver<()>) {
        let mut wait = self.rest();
        while matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
            self.make();
            wait = self.rest();
        }
    }

    /// How long until the next backup is due.
    fn rest(&self) -> Duration {
        let state = self.backups.state();
        if state.problem.is_some() {
            return self.settings.every.min(RETRY);
        }
        match state.age(self.clock.now()) {
            Some(age) => self.settings.every.saturating_sub(Duration::from_secs(age.try_into().unwrap_or(0))),
            None => Duration::ZERO,
        }
    }

    fn make(&self) {
        let goes_on = &mut || !self.stopping.load(Ordering::Relaxed);
        let made = self.dir.add(&self.store, self.clock.now(), self.settings.keep, goes_on, &mut copy_damage_aside);
        if self.stopping.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.backups.lock();
        match made {
            Ok(made) => {
                tracing::info!(path = %made.path.display(), bytes = made.bytes, "backed up");
                state.newest = Some(made);
                state.problem = None;
            }
            Err(error) => {
                tracing::error!(%error, "could not make a backup");
                // What was made before may have been removed since.
                state.newest = self.dir.backups().ok().and_then(|mut backups| backups.pop());
                state.problem = Some(error.to_string());
                state.failures += 1;
            }
        }
    }
}
