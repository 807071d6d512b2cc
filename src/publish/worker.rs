//! The threads that make SDKs.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::fail_point::{self, FailPoint};
use crate::store::{Job, Sdk, StoreError};

use super::Publisher;
use super::build::BuildError;

/// How long a worker sleeps when the store failed, before it tries again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

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

    fn wait_after(&self, seen: u64) {
        let guard = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let rung = self.wake.wait_while(guard, |rung| *rung == seen && !self.is_stopping());
        drop(rung.unwrap_or_else(PoisonError::into_inner));
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
        for worker in self.workers.drain(..) {
            // A worker that panicked has said so already.
            let _ = worker.join();
        }
    }
}

/// Starts as many workers as the settings say.
pub(super) fn start(publisher: Arc<Publisher>) -> Running {
    let work = |number: usize| {
        let publisher = Arc::clone(&publisher);
        let thread = std::thread::Builder::new().name(format!("sdk-{number}"));
        thread.spawn(move || publisher.work()).ok()
    };
    let mut workers: Vec<_> = (0..publisher.settings.workers.max(1)).filter_map(work).collect();
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

    fn work(&self) {
        while !self.bell.is_stopping() {
            let seen = self.bell.count();
            match self.store.claim_job(self.clock.now()) {
                Ok(Some(job)) => self.finish(&job),
                Ok(None) => self.bell.wait_after(seen),
                Err(error) => {
                    tracing::error!(%error, "could not take an SDK from the queue");
                    std::thread::sleep(PAUSE_AFTER_FAILURE);
                }
            }
        }
    }

    /// Makes one SDK and stores the result, whatever it is.
    fn finish(&self, job: &Job) {
        let started = std::time::Instant::now();
        fail_point::reach(FailPoint::JobClaimed);
        let done = match self.build(&job.key) {
            Ok((sdk, made)) => {
                let stored = self.store.publish_sdk(job.id, &sdk, &made.crate_bytes, self.clock.now());
                if stored.is_ok() {
                    let (name, version) = (&sdk.crate_name, &sdk.version);
                    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                    tracing::info!(crate_name = %name, %version, size_bytes = sdk.size, duration_ms, "SDK published");
                    fail_point::reach(FailPoint::SdkPublished);
                    self.keep_recipe(&sdk, made.recipe.as_deref());
                }
                stored
            }
            Err(error) => self.fail(job, &error),
        };
        if let Err(error) = done {
            tracing::error!(%error, crate_name = %job.crate_name, "could not store the result of an SDK");
            self.give_back(job, &error);
        }
        // Others may have waited for this SDK.
        self.wake();
    }

    fn keep_recipe(&self, sdk: &Sdk, recipe: Option<&[u8]>) {
        let kept = recipe.map_or(Ok(()), |recipe| self.store.keep_recipe(&sdk.crate_name, &sdk.version, recipe));
        if let Err(error) = kept {
            tracing::warn!(%error, crate_name = %sdk.crate_name, "the next crate will be made without this one's help");
        }
    }

    fn fail(&self, job: &Job, error: &BuildError) -> Result<(), StoreError> {
        tracing::warn!(crate_name = %job.crate_name, commit = %job.key.commit, %error, "SDK failed");
        self.store.fail_job(job.id, &error.to_string(), self.clock.now())
    }

    /// The store would not take the result (a full disk, mostly): the SDK counts as failed until the next start, so
    /// that nobody waits for it. The worker has nothing better to do than to get that stored.
    fn give_back(&self, job: &Job, error: &StoreError) {
        while !self.bell.is_stopping() {
            match self.store.fail_unstored_job(job.id, &error.to_string(), self.clock.now()) {
                // Missing: the module was deleted meanwhile.
                Ok(()) | Err(StoreError::Missing(_)) => return,
                Err(error) => tracing::error!(%error, "the failure could not be stored either"),
            }
            std::thread::sleep(PAUSE_AFTER_FAILURE);
        }
    }
}
