//! A running publisher: its start, its threads, and its end.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use quick_cache::sync::Cache;

use super::heartbeat;
use super::own_process_queue::OwnProcessQueue;
use super::store_outage::StoreOutage;
use super::worker::Worker;
use crate::generate::Catalogue;
use crate::memory_budget::MemoryBudget;
use crate::publish::build::build_memory::BuildMemory;
use crate::publish::build::thread_pool::Threads;
use crate::publish::change_counter::ChangeCounter;
use crate::publish::clock::Clock;
use crate::publish::new_ids;
use crate::publish::{COMPILED, COMPILED_BYTES, Encoded, PART_BYTES, PublishSettings, Publisher};
use crate::store::{JobSize, NodeDetails, Store, StoreError};

/// A publisher with its workers. Dropping it ends each worker after the SDK that it is making.
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
        self.publisher.work_signal.stop();
        // Requeued now, because this process may be killed before a long build ends.
        match self.publisher.store.end_node(self.publisher.node) {
            Ok(0) => {}
            Ok(unfinished) => tracing::info!(unfinished, "ending; the next start makes the SDKs that are not finished"),
            Err(error) => tracing::warn!(%error, "could not requeue unfinished SDKs for the next start"),
        }
        for worker in self.workers.drain(..) {
            // A panicked worker has logged it already.
            let _ = worker.join();
        }
        self.publisher.large.join();
    }
}

/// Starts the workers of the settings, and one for small SDKs.
fn start(publisher: Arc<Publisher>) -> Running {
    let sizes = std::iter::repeat_n(JobSize::Any, publisher.settings.workers.max(1)).chain([JobSize::Small]);
    let work = |(number, size)| {
        let worker = Worker::new(Arc::clone(&publisher), number, size);
        let thread = std::thread::Builder::new().name(format!("sdk-{number}")).spawn(move || worker.work());
        thread.inspect_err(|error| tracing::error!(%error, "could not start a thread that makes SDKs")).ok()
    };
    let mut workers: Vec<_> = sizes.enumerate().filter_map(work).collect();
    workers.extend(start_backfill(Arc::clone(&publisher)));
    workers.extend(heartbeat::start(&publisher));
    Running { publisher, workers }
}

/// Runs the backfill on a thread of its own: there may be many modules, and the start should not wait.
fn start_backfill(publisher: Arc<Publisher>) -> Option<JoinHandle<()>> {
    let catch_up = move || {
        match publisher.catch_up() {
            Ok(0) => {}
            Ok(behind) => tracing::info!(behind, "making SDKs by newer plugins in the background"),
            Err(error) => tracing::error!(%error, "could not look for SDKs that newer plugins would make"),
        }
        match publisher.catch_up_search() {
            Ok(0) => {}
            Ok(modules) => tracing::info!(modules, "the search index has what an older program did not index"),
            Err(error) => tracing::error!(%error, "could not bring the search index up to date"),
        }
    };
    std::thread::Builder::new().name("catch-up".into()).spawn(catch_up).ok()
}

impl Publisher {
    /// A publisher without workers, for a command that takes no pushes: its queue stays as it is.
    #[must_use]
    pub fn idle(store: Store, catalogue: Catalogue, settings: PublishSettings, clock: Clock) -> Self {
        let memory = BuildMemory::new(settings.build_memory);
        let threads = Threads::new(settings.workers);
        let makes = catalogue.plugins().iter().filter(|plugin| plugin.sdk);
        let says = NodeDetails {
            name: settings.node_name.clone(),
            started: clock.now(),
            program: env!("CARGO_PKG_VERSION").into(),
            public_url: settings.public_url.clone(),
            plugins: makes.map(|plugin| (plugin.name.clone(), plugin.version, plugin.revision)).collect(),
        };
        Self {
            store,
            catalogue,
            settings,
            clock,
            node: new_ids::node(),
            says,
            progress: ChangeCounter::default(),
            metrics: Arc::default(),
            push_lock: Mutex::new(()),
            importing: Mutex::new(()),
            compiled: Cache::with_weighter(COMPILED, COMPILED_BYTES, Encoded),
            parts: Cache::with_weighter(COMPILED, PART_BYTES, Encoded),
            earlier: Cache::with_weighter(COMPILED, COMPILED_BYTES, Encoded),
            work_signal: Arc::default(),
            store_outage: StoreOutage::default(),
            memory,
            threads,
            large: OwnProcessQueue::default(),
            remote_turn: MemoryBudget::default(),
            resumed: Mutex::new(false),
        }
    }

    /// Requeues the unfinished jobs of an earlier process, and starts the workers.
    pub fn start(
        store: Store,
        catalogue: Catalogue,
        settings: PublishSettings,
        clock: Clock,
    ) -> Result<Running, StoreError> {
        let publisher = Arc::new(Self::idle(store, catalogue, settings, clock));
        match publisher.resume() {
            // Reads are served even when the disk is full. The workers try again.
            Ok(()) | Err(StoreError::Full { .. }) => Ok(start(publisher)),
            Err(error) => Err(error),
        }
    }

    /// Requeues the unfinished jobs of an earlier process, once; no worker takes a job before that.
    pub(super) fn resume(&self) -> Result<(), StoreError> {
        let mut resumed = self.resumed.lock().unwrap_or_else(PoisonError::into_inner);
        if !*resumed {
            let unfinished = self.store.start_node(self.node, &self.says, self.clock.now())?;
            if unfinished > 0 {
                tracing::info!(unfinished, "making the SDKs that the last process did not finish");
            }
            *resumed = true;
        }
        Ok(())
    }
}
