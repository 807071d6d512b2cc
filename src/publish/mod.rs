//! The only place that knows the order of a push: squash, commit, queue, generate, package, publish, interest, retry.
//!
//! A [`Publisher`] answers `push` as soon as the push is durable. Its workers take the queued SDKs from the store,
//! so a restart goes on where the last process stopped.

mod build;
mod catch_up;
mod clock;
mod demand;
mod dependencies;
mod descriptors;
mod external;
pub mod ids;
mod import;
mod labels;
mod large;
mod make;
mod memory;
mod older;
mod outage;
mod plan;
mod progress;
mod push;
mod remote;
mod resolve;
mod squash;
mod subprocess;
mod symbols;
mod threads;
mod upstream;
mod usage;
mod verify;
mod wishes;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::compile::{CompileCache, Compiled};
use crate::model::{CommitId, DescriptorSet, LabelPattern, Limits, ModuleId, ModuleName, OwnerId, PluginRef};
use crate::store::{Claim, Commit, Store, StoreError};

pub use crate::generate::{Catalogue, CatalogueError, GenerateError, UnknownPlugin};

pub use clock::Clock;
pub use demand::{Demand, DemandError, Verdict};
pub use dependencies::DependencyError;
pub use descriptors::DescriptorsError;
pub use external::{ExternalError, ExternalLimits, Externals, ProgramError};
pub use import::{Import, ImportError, Imported};
pub use labels::PushesHeld;
pub use progress::Progress;
pub use push::{Push, PushContent, PushError, Pushed};
pub use remote::{RemoteCall, RemoteError};
pub use resolve::{ResolveError, Resolved, resolve, resolve_commit};
pub use subprocess::{COMMAND as SUBPROCESS_COMMAND, Subprocess, SubprocessError, answer_task};
pub use upstream::{AdoptError, Fetched, Fetching, Upstream, UpstreamError};
pub use verify::{Verify, VerifyError, VerifySettings};
pub use wishes::WishError;
pub use worker::Running;

/// How many compiled commits and modules are kept for the workers that follow a push, and for the next push.
const COMPILED: usize = 64;

/// How many encoded bytes of each are kept; in memory they take twice as much, but files that did not change between
/// commits are shared. All of googleapis has 80 MiB.
const COMPILED_BYTES: u64 = 192 << 20;

/// What a publisher is told at its start.
#[derive(Debug, Clone)]
pub struct PublishSettings {
    /// Limits on sources and crates.
    pub limits: Limits,
    /// The plugins that every push to an eager label generates with.
    pub eager: Vec<PluginRef>,
    /// The eager labels, besides the default label of each module.
    pub eager_labels: Vec<LabelPattern>,
    /// How many SDKs are made at the same time, beside a small one.
    pub workers: usize,
    /// Memory that these SDKs may take together in this process, in bytes.
    pub build_memory: u64,
    /// How those are made that may take more.
    pub subprocess: Subprocess,
    /// The server's address as others see it, without a trailing slash: it is written into crates.
    pub public_url: String,
    /// The plugins of the catalogue that are executables.
    pub externals: Externals,
    /// How long the name of a deleted owner rests before others can have it.
    pub name_rest: Duration,
    /// The cargo that checks crates before they are published, if one does.
    pub verify: Option<Arc<Verify>>,
}

/// The pipeline: takes pushes, makes SDKs. Dropping it stops the workers after the SDK that each is at.
pub struct Publisher {
    store: Store,
    catalogue: Catalogue,
    settings: PublishSettings,
    clock: Clock,
    progress: Progress,
    /// Held from reading the heads of labels to moving them.
    pushing: Mutex<()>,
    /// Held while what came from upstream is taken in.
    adopting: Mutex<()>,
    /// Whoever takes a commit in says which id it has, so the module's id, which is made here, is part of the key.
    compiled: Cache<(ModuleId, CommitId), Arc<DescriptorSet>, Encoded>,
    /// What the last compilation of a module made of its files.
    earlier: Cache<ModuleId, Arc<CompileCache>, Encoded>,
    bell: Arc<worker::Bell>,
    outage: outage::Outage,
    /// For all that is generated in this process.
    memory: memory::MemoryBudget,
    threads: threads::Threads,
    /// The SDKs that this process has not enough memory for.
    large: large::LargeCrates,
    /// Held by the remote generation that is at work in a process of its own: one at a time.
    remote_turn: memory::MemoryBudget,
    /// Whether the work that an earlier process left is queued again.
    resumed: Mutex<bool>,
}

impl Publisher {
    /// Takes up the work that an earlier process left, and starts the workers.
    ///
    /// # Errors
    /// When the store fails.
    pub fn start(
        store: Store,
        catalogue: Catalogue,
        settings: PublishSettings,
        clock: Clock,
    ) -> Result<Running, StoreError> {
        let memory = memory::MemoryBudget::new(settings.build_memory);
        let threads = threads::Threads::new(settings.workers);
        let publisher = Arc::new(Self {
            store,
            catalogue,
            settings,
            clock,
            progress: Progress::default(),
            pushing: Mutex::new(()),
            adopting: Mutex::new(()),
            compiled: Cache::with_weighter(COMPILED, COMPILED_BYTES, Encoded),
            earlier: Cache::with_weighter(COMPILED, COMPILED_BYTES, Encoded),
            bell: Arc::default(),
            outage: outage::Outage::default(),
            memory,
            threads,
            large: large::LargeCrates::default(),
            remote_turn: memory::MemoryBudget::new(1),
            resumed: Mutex::new(false),
        });
        match publisher.resume() {
            // A full disk is no reason not to serve what is there. The workers try again.
            Ok(()) | Err(StoreError::Full { .. }) => Ok(worker::start(publisher)),
            Err(error) => Err(error),
        }
    }

    /// Queues the work that an earlier process left, once; no worker takes anything before that.
    fn resume(&self) -> Result<(), StoreError> {
        let mut resumed = self.resumed.lock().unwrap_or_else(PoisonError::into_inner);
        if !*resumed {
            let unfinished = self.store.requeue_unfinished(self.clock.now())?;
            if unfinished > 0 {
                tracing::info!(unfinished, "taking up SDKs that the last process left");
            }
            *resumed = true;
        }
        Ok(())
    }

    /// The store below.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The plugins.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The limits on what is pushed.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// A claim to the name of a new owner, on behalf of `by`; of nobody when the registry makes it for itself.
    #[must_use]
    pub fn claim(&self, by: Option<OwnerId>) -> Claim {
        Claim { by, at: self.clock.now(), rest: self.settings.name_rest }
    }

    /// How long the name of a deleted owner rests.
    #[must_use]
    pub fn name_rest(&self) -> Duration {
        self.settings.name_rest
    }

    /// Tells when SDKs and everything else that readers see have changed.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What keeps SDKs from being stored at present, if anything does.
    #[must_use]
    pub fn outage(&self) -> Option<&'static str> {
        self.outage.words()
    }

    /// Keeps what was just compiled for the workers that are about to need it, and for the next push.
    fn remember(&self, compiled: Compiled, commits: &[Commit], names: &[ModuleName]) {
        let earlier = Arc::new(compiled.earlier);
        for (commit, name) in commits.iter().zip(names) {
            self.compiled.insert((commit.module, commit.id), Arc::new(compiled.descriptors.closure(name)));
            self.earlier.insert(commit.module, Arc::clone(&earlier));
        }
    }
}

/// Weighs what is kept by its encoded bytes.
#[derive(Clone)]
struct Encoded;

impl Weighter<(ModuleId, CommitId), Arc<DescriptorSet>> for Encoded {
    fn weight(&self, _: &(ModuleId, CommitId), set: &Arc<DescriptorSet>) -> u64 {
        set.files.iter().map(|file| file.encoded.len() as u64).sum::<u64>().max(1)
    }
}

impl Weighter<ModuleId, Arc<CompileCache>> for Encoded {
    fn weight(&self, _: &ModuleId, earlier: &Arc<CompileCache>) -> u64 {
        earlier.encoded_len().max(1)
    }
}

#[cfg(test)]
mod tests;
