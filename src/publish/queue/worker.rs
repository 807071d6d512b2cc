//! The threads that make SDKs. One thread beyond the number in the settings makes small SDKs only, so that large ones
//! never delay them, however many there are.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::fail_point::{self, FailPoint};
use crate::metrics::SdkResult;
use crate::model::{ModuleId, Timestamp};
use crate::publish::Publisher;
use crate::publish::build::own_process::SubprocessError;
use crate::publish::build::{BuildError, BuildPlace};
use crate::store::{Job, JobSize, Sdk, StoreError};
use crate::trace;

/// How long a worker sleeps when the store failed, before it tries again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The time from the first failure of an SDK to its retry, if the failure may be temporary. It doubles with each
/// further failure.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// The longest time until the next try.
const LAST_RETRY: Duration = Duration::from_secs(300);

/// How often the process may end while it makes an SDK, before the SDK is no longer retried.
const MOST_DEATHS: u32 = 3;

impl Publisher {
    /// Wakes the workers, because there may be a job, and all who wait. `changed` are the modules whose commits, labels or
    /// SDKs changed.
    pub(crate) fn wake(&self, changed: &[ModuleId]) {
        self.progress.changed_in(changed);
        self.work_signal.notify();
    }

    /// The same after a change that may concern every module.
    pub(crate) fn wake_all(&self) {
        self.progress.changed();
        self.work_signal.notify();
    }
}

impl Publisher {
    /// Queues a job whose crate is made in a process of its own.
    fn make_apart(self: &Arc<Self>, job: Job) {
        let publisher = Arc::clone(self);
        let thread = std::thread::Builder::new().name("sdk-large".into());
        let added = self.large.add(job, || thread.spawn(move || publisher.make_large()));
        if let Err(error) = added {
            tracing::warn!(%error, "no thread for large crates, so a worker makes them");
            self.make_large();
        }
    }

    fn make_large(self: &Arc<Self>) {
        let worker = Worker::new(Arc::clone(self), usize::MAX, JobSize::Any);
        while let Some(job) = self.large.next() {
            if self.work_signal.is_stopping() {
                // The next start makes the other crates.
                continue;
            }
            worker.finish_apart(&job);
        }
    }
}

/// The state of one thread that makes SDKs.
pub(super) struct Worker {
    publisher: Arc<Publisher>,
    number: usize,
    size: JobSize,
}

impl Worker {
    /// A worker that takes jobs of this size.
    pub(super) fn new(publisher: Arc<Publisher>, number: usize, size: JobSize) -> Self {
        Self { publisher, number, size }
    }

    pub(super) fn work(&self) {
        let publisher = &self.publisher;
        let mut unconfirmed = None;
        while !publisher.work_signal.is_stopping() {
            let seen = publisher.work_signal.count();
            let claimed = publisher.resume().and_then(|()| self.claim(&mut unconfirmed));
            if let Err(error) = &claimed {
                self.pause(error, "could not take an SDK from the queue");
                continue;
            }
            publisher.store_outage.end(self.number);
            match claimed {
                Ok(Some(job)) => self.finish(&job),
                _ => publisher.work_signal.wait_after(seen, self.until_next_retry()),
            }
        }
    }

    /// Takes a job. `unconfirmed` is when the database was lost while it was told that one is taken: this node may have
    /// a job then that no worker knows of, and that other nodes leave to it, so that one is given back first.
    fn claim(&self, unconfirmed: &mut Option<Timestamp>) -> Result<Option<Job>, StoreError> {
        let (store, node, now) = (&self.publisher.store, self.publisher.node, self.publisher.clock.now());
        if let Some(at) = *unconfirmed {
            store.give_back(node, at)?;
            *unconfirmed = None;
        }
        let claimed = store.claim_job(node, self.size, now);
        if matches!(claimed, Err(StoreError::Unconfirmed { .. })) {
            *unconfirmed = Some(now);
        }
        claimed
    }

    fn until_next_retry(&self) -> Option<Duration> {
        let publisher = &self.publisher;
        let left = |at: Timestamp| at.as_micros().saturating_sub(publisher.clock.now().as_micros());
        match publisher.store.next_retry() {
            Ok(at) => Some(Duration::from_micros(u64::try_from(left(at?)).unwrap_or_default())),
            Err(_) => Some(PAUSE_AFTER_FAILURE),
        }
    }

    /// Reports that the store failed, because callers wait for the result that this thread could not store.
    fn pause(&self, error: &StoreError, what: &str) {
        tracing::error!(%error, "{what}");
        if self.publisher.store_outage.begin(self.number, error) {
            self.publisher.progress.changed_in(&[]);
        }
        std::thread::sleep(PAUSE_AFTER_FAILURE);
    }

    /// Makes one SDK and stores the crate or the failure. Queues a large SDK for a process of its own.
    fn finish(&self, job: &Job) {
        let span = span_of(job);
        let _entered = span.enter();
        let started = Instant::now();
        let place = BuildPlace::Here((!job.small).then_some(&self.publisher.threads));
        match self.make(job, place) {
            Err(BuildError::TooLarge(cost)) => {
                let memory_bytes = cost.memory;
                tracing::debug!(crate_name = %job.crate_name, memory_bytes, "making a crate in a process of its own");
                self.publisher.make_apart(job.clone());
            }
            made => {
                span.record("otel.failed", made.is_err());
                self.store_result(job, made, started);
            }
        }
    }

    /// Makes one SDK in a process of its own and stores the result.
    fn finish_apart(&self, job: &Job) {
        let span = span_of(job);
        let _entered = span.enter();
        let started = Instant::now();
        let made = self.make(job, BuildPlace::Apart);
        span.record("otel.failed", made.is_err());
        self.store_result(job, made, started);
    }

    fn store_result(&self, job: &Job, made: Result<ModuleId, BuildError>, started: Instant) {
        let count = |result| self.publisher.metrics.made_sdk(job.key.plugin.to_string(), result, started.elapsed());
        let changed = match made {
            Ok(module) => {
                count(SdkResult::Published);
                Some(module)
            }
            // The server is ending; the next start makes the SDK.
            Err(BuildError::Subprocess { source, .. }) if matches!(*source, SubprocessError::Stopped) => return,
            Err(BuildError::Store(error @ StoreError::Lost(_))) => {
                tracing::info!(crate_name = %job.crate_name, %error, "this node was too late");
                return;
            }
            Err(error) => {
                tracing::warn!(crate_name = %job.crate_name, commit = %job.key.commit, %error, "SDK failed");
                count(SdkResult::Failed);
                self.fail(job, &error);
                None
            }
        };
        // Other jobs may have waited for this SDK.
        self.publisher.wake(changed.as_slice());
    }

    /// Makes and publishes one SDK. Returns its module.
    fn make(&self, job: &Job, place: BuildPlace<'_>) -> Result<ModuleId, BuildError> {
        let publisher = &self.publisher;
        if job.deaths >= MOST_DEATHS {
            return Err(BuildError::Deadly {
                deaths: job.deaths,
                name: job.crate_name.clone(),
                commit: job.key.commit,
            });
        }
        let started = Instant::now();
        fail_point::reach(FailPoint::JobClaimed);
        let build = AssertUnwindSafe(|| publisher.build(&job.key, place));
        let (sdk, made) = tracing::info_span!(target: trace::TARGET, "build")
            .in_scope(|| std::panic::catch_unwind(build).unwrap_or(Err(BuildError::Panicked)))?;
        tracing::info_span!(target: trace::TARGET, "publish")
            .in_scope(|| publisher.store.publish_sdk(job.claim(), &sdk, &made.crate_bytes, publisher.clock.now()))?;
        let (name, version) = (&sdk.crate_name, &sdk.version);
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(crate_name = %name, %version, size_bytes = sdk.size, duration_ms, "SDK published");
        fail_point::reach(FailPoint::SdkPublished);
        publisher.keep_reuse_index(&sdk, made.reuse_index.as_deref());
        Ok(sdk.module)
    }

    /// Stores the failure, so that callers stop waiting, with a retry if the failure may be temporary. If the store
    /// fails, the thread tries again until it succeeds.
    fn fail(&self, job: &Job, error: &BuildError) {
        let publisher = &self.publisher;
        let message = error.for_users();
        loop {
            let now = publisher.clock.now();
            let retry_at = (!error.is_final()).then(|| retry_at(now, job.attempts));
            match publisher.store.fail_job(job.claim(), &message, now, retry_at) {
                // Missing: the module was deleted meanwhile. Lost: another node makes the SDK.
                Ok(()) | Err(StoreError::Missing(_) | StoreError::Lost(_)) => break,
                Err(_) if publisher.work_signal.is_stopping() => return,
                Err(error) => self.pause(&error, "could not store that an SDK failed"),
            }
        }
        publisher.store_outage.end(self.number);
    }
}

/// The span of a job, in the trace of the push that its commit came from.
fn span_of(job: &Job) -> tracing::Span {
    let (key, crate_name) = (&job.key, &job.crate_name);
    tracing::info_span!(
        target: trace::TARGET,
        "sdk",
        otel.name = format!("sdk {}", key.plugin),
        otel.parent = trace::cause_of(&key.commit),
        plugin = %key.plugin,
        plugin_version = %key.version,
        %crate_name,
        commit = %key.commit,
        otel.failed = tracing::field::Empty,
    )
}

/// The time of the next try of an SDK after `attempts` tries.
fn retry_at(now: Timestamp, attempts: u32) -> Timestamp {
    let delay = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1))).min(LAST_RETRY);
    Timestamp::from_micros(now.as_micros().saturating_add(i64::try_from(delay.as_micros()).unwrap_or(i64::MAX)))
}

impl Publisher {
    fn keep_reuse_index(&self, sdk: &Sdk, reuse_index: Option<&[u8]>) {
        let kept = reuse_index
            .map_or(Ok(()), |reuse_index| self.store.keep_reuse_index(&sdk.crate_name, &sdk.version, reuse_index));
        if let Err(error) = kept {
            tracing::warn!(%error, crate_name = %sdk.crate_name, "could not store what the next crate would reuse of this one");
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
