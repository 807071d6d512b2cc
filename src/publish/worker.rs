//! The threads that make SDKs. One more than the settings say makes small ones only, so that a large one, or as many as
//! there are workers, hold up nobody who asks for little.

use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::fail_point::{self, FailPoint};
use crate::model::Timestamp;
use crate::store::{Job, JobSize, Sdk, StoreError};

use super::Publisher;
use super::build::{BuildError, Place};
use super::subprocess::SubprocessError;

/// How long a worker sleeps when the store failed, before it tries again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long after its first failure an SDK is tried again, if the failure may pass. After each further one it takes twice
/// as long.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// Longest time until the next try.
const LAST_RETRY: Duration = Duration::from_secs(300);

/// How often the process may end while an SDK is being made, before that is given up.
const MOST_DEATHS: u32 = 3;

/// A bell that wakes idle workers.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<u64>,
    wake: Condvar,
    stopping: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.wake.notify_all();
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.ring();
    }

    /// Whether the workers are to end.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn count(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next ring after `seen`, or until `limit` has passed.
    fn wait_after(&self, seen: u64, limit: Option<Duration>) {
        let guard = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = |rung: &mut u64| *rung == seen && !self.is_stopping();
        match limit {
            Some(limit) => drop(self.wake.wait_timeout_while(guard, limit, silent)),
            None => drop(self.wake.wait_while(guard, silent)),
        }
    }
}

/// A publisher with its workers. Dropping it ends the workers, each after the SDK that it is at.
pub struct Running {
    publisher: Arc<Publisher>,
    workers: Vec<JoinHandle<()>>,
}

impl Running {
    /// The publisher, to be shared.
    #[must_use]
    pub fn publisher(&self) -> Arc<Publisher> {
        Arc::clone(&self.publisher)
    }
}

impl Deref for Running {
    type Target = Publisher;

    fn deref(&self) -> &Publisher {
        &self.publisher
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.publisher.bell.stop();
        // Now, because whoever ends this process may lose patience with an SDK that takes long.
        match self.publisher.store.give_back_running() {
            Ok(0) => {}
            Ok(unfinished) => tracing::info!(unfinished, "ending; what cannot be finished is left to the next start"),
            Err(error) => tracing::warn!(%error, "could not leave unfinished SDKs to the next start"),
        }
        for worker in self.workers.drain(..) {
            // A worker that panicked has said so already.
            let _ = worker.join();
        }
        self.publisher.large.join();
    }
}

/// Starts as many workers as the settings say, and the one for small SDKs.
pub(super) fn start(publisher: Arc<Publisher>) -> Running {
    let sizes = std::iter::repeat_n(JobSize::Any, publisher.settings.workers.max(1)).chain([JobSize::Small]);
    let work = |(number, size)| {
        let worker = Worker { publisher: Arc::clone(&publisher), number, size };
        let thread = std::thread::Builder::new().name(format!("sdk-{number}")).spawn(move || worker.work());
        thread.inspect_err(|error| tracing::error!(%error, "could not start a thread that makes SDKs")).ok()
    };
    let mut workers: Vec<_> = sizes.enumerate().filter_map(work).collect();
    workers.extend(start_catching_up(Arc::clone(&publisher)));
    Running { publisher, workers }
}

/// Looks for what a new catalogue owes, on a thread of its own: there may be many modules, and no start should wait.
fn start_catching_up(publisher: Arc<Publisher>) -> Option<JoinHandle<()>> {
    let catch_up = move || match publisher.catch_up() {
        Ok(0) => {}
        Ok(behind) => tracing::info!(behind, "making SDKs by newer plugins in the background"),
        Err(error) => tracing::error!(%error, "could not look for SDKs that newer plugins would make"),
    };
    std::thread::Builder::new().name("catch-up".into()).spawn(catch_up).ok()
}

impl Publisher {
    /// Wakes the workers: there may be something to do.
    pub(super) fn wake(&self) {
        self.progress.changed();
        self.bell.ring();
    }
}

/// What one thread needs to make SDKs.
pub(super) struct Worker {
    publisher: Arc<Publisher>,
    number: usize,
    size: JobSize,
}

impl Worker {
    /// The one that makes SDKs in processes of their own.
    pub(super) fn of_large(publisher: Arc<Publisher>) -> Self {
        Self { number: usize::MAX, size: JobSize::Any, publisher }
    }

    fn work(&self) {
        let publisher = &self.publisher;
        while !publisher.bell.is_stopping() {
            let seen = publisher.bell.count();
            let claimed = publisher.resume().and_then(|()| publisher.store.claim_job(self.size, publisher.clock.now()));
            if let Err(error) = &claimed {
                self.pause(error, "could not take an SDK from the queue");
                continue;
            }
            publisher.outage.end(self.number);
            match claimed {
                Ok(Some(job)) => self.finish(&job),
                _ => publisher.bell.wait_after(seen, self.until_next_retry()),
            }
        }
    }

    fn until_next_retry(&self) -> Option<Duration> {
        let publisher = &self.publisher;
        let left = |at: Timestamp| at.as_micros().saturating_sub(publisher.clock.now().as_micros());
        match publisher.store.next_retry() {
            Ok(at) => Some(Duration::from_micros(u64::try_from(left(at?)).unwrap_or_default())),
            Err(_) => Some(PAUSE_AFTER_FAILURE),
        }
    }

    /// The store failed. Others wait for what this thread was about to store, and should know.
    fn pause(&self, error: &StoreError, what: &str) {
        tracing::error!(%error, "{what}");
        if self.publisher.outage.begin(self.number, error) {
            self.publisher.progress.changed();
        }
        std::thread::sleep(PAUSE_AFTER_FAILURE);
    }

    /// Makes one SDK and stores the result, whatever it is. A large one is made by itself, later.
    fn finish(&self, job: &Job) {
        let place = Place::Here((!job.small).then_some(&self.publisher.threads));
        match self.make(job, place) {
            Err(BuildError::TooLarge(cost)) => {
                let memory_bytes = cost.memory;
                tracing::debug!(crate_name = %job.crate_name, memory_bytes, "making a crate in a process of its own");
                self.publisher.make_apart(job.clone());
            }
            made => self.store_result(job, made),
        }
    }

    /// Makes one SDK in a process of its own and stores the result.
    pub(super) fn finish_apart(&self, job: &Job) {
        self.store_result(job, self.make(job, Place::Apart));
    }

    fn store_result(&self, job: &Job, made: Result<(), BuildError>) {
        match made {
            Ok(()) => {}
            // The server is about to end; the next start takes it up again.
            Err(BuildError::Subprocess { source, .. }) if matches!(*source, SubprocessError::Stopped) => return,
            Err(error) => {
                tracing::warn!(crate_name = %job.crate_name, commit = %job.key.commit, %error, "SDK failed");
                self.fail(job, &error);
            }
        }
        // Others may have waited for this SDK.
        self.publisher.wake();
    }

    fn make(&self, job: &Job, place: Place<'_>) -> Result<(), BuildError> {
        let publisher = &self.publisher;
        if job.deaths >= MOST_DEATHS {
            return Err(BuildError::Deadly {
                deaths: job.deaths,
                name: job.crate_name.clone(),
                commit: job.key.commit,
            });
        }
        let started = std::time::Instant::now();
        fail_point::reach(FailPoint::JobClaimed);
        let build = AssertUnwindSafe(|| publisher.build(&job.key, place));
        let (sdk, made) = std::panic::catch_unwind(build).unwrap_or(Err(BuildError::Panicked))?;
        publisher.store.publish_sdk(job.id, &sdk, &made.crate_bytes, publisher.clock.now())?;
        let (name, version) = (&sdk.crate_name, &sdk.version);
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(crate_name = %name, %version, size_bytes = sdk.size, duration_ms, "SDK published");
        fail_point::reach(FailPoint::SdkPublished);
        publisher.keep_recipe(&sdk, made.recipe.as_deref());
        Ok(())
    }

    /// Stores that there is no SDK, so that nobody waits for it, and that it is tried again if the failure may pass. If
    /// that cannot be stored either, the thread has nothing better to do than to try until it can.
    fn fail(&self, job: &Job, error: &BuildError) {
        let publisher = &self.publisher;
        let message = error.for_users();
        loop {
            let now = publisher.clock.now();
            let retry_at = (!error.is_final()).then(|| retry_at(now, job.attempts));
            match publisher.store.fail_job(job.id, &message, now, retry_at) {
                // Missing: the module was deleted meanwhile.
                Ok(()) | Err(StoreError::Missing(_)) => break,
                Err(_) if publisher.bell.is_stopping() => return,
                Err(error) => self.pause(&error, "could not store that an SDK failed"),
            }
        }
        publisher.outage.end(self.number);
    }
}

/// When an SDK is tried again that a worker took so many times.
fn retry_at(now: Timestamp, attempts: u32) -> Timestamp {
    let delay = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1))).min(LAST_RETRY);
    Timestamp::from_micros(now.as_micros().saturating_add(i64::try_from(delay.as_micros()).unwrap_or(i64::MAX)))
}

impl Publisher {
    fn keep_recipe(&self, sdk: &Sdk, recipe: Option<&[u8]>) {
        let kept = recipe.map_or(Ok(()), |recipe| self.store.keep_recipe(&sdk.crate_name, &sdk.version, recipe));
        if let Err(error) = kept {
            tracing::warn!(%error, crate_name = %sdk.crate_name, "the next crate will be made without this one's help");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_try_is_twice_as_far_each_time_but_never_very_far() {
        let now = Timestamp::from_micros(0);
        let seconds = |attempts| retry_at(now, attempts).as_seconds();
        assert_eq!([1, 2, 3, 9, 10, 1000].map(seconds), [1, 2, 4, 256, 300, 300]);
    }
}
