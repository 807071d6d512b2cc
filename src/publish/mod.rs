//! The only place that knows the order of a push:
//!
//! 1. the options of each module are checked, and the commits that it depends on are loaded (`push/dependencies`);
//! 2. everything is compiled (`push/compile_commit`);
//! 3. names that other modules of the owner have, and what breaks users of the default label, are found (`push/gate`);
//! 4. under the lock on heads: which commit each module gets, its time, its labels, and the SDKs that are due
//!    (`push/decisions`, `push/squash`, `push/labels`);
//! 5. one transaction stores commits, labels, audit records, webhook deliveries and jobs: the push is durable;
//! 6. workers generate, package, check and publish (`queue`, `build`).
//!
//! A [`Publisher`] answers `push` as soon as the push is durable. Its workers take the queued SDKs from the store, so a
//! restart continues where the last process stopped. Every call can fail because the store does; the documentation of a
//! call lists only the errors beyond that.

mod b4_digest;
mod build;
mod change_counter;
mod clock;
mod commit_options;
mod descriptors;
mod integrity;
pub mod new_ids;
mod numbered_names;
mod outline;
mod push;
mod queue;
mod references;
mod schema;
mod source_crates;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::compile::{CompileCache, Compiled};
use crate::memory_budget::MemoryBudget;
use crate::metrics::Metrics;
use crate::model::{CommitId, DescriptorSet, LabelPattern, Limits, ModuleId, ModuleName, NodeId, OwnerId, PluginRef};
use crate::store::{Claim, Commit, NodeDetails, Store};

pub(crate) use crate::breaking;
pub(crate) use crate::compile::{SourceToken, SourceTokenKind, source_tokens};
pub(crate) use crate::generate::rust_naming;
pub use crate::generate::{Catalogue, CatalogueError, GenerateError, NotPublished, PublishedPlugin, UnknownPlugin};
pub(crate) use crate::package::{retimed, with_time};

pub use build::cargo_check::{Verify, VerifyError, VerifySettings};
pub use build::confined_program::program::ProgramError;
pub use build::external_plugin::{ExternalError, ExternalLimits, Externals};
pub use build::own_process::{COMMAND as SUBPROCESS_COMMAND, Subprocess, SubprocessError, answer_task};
pub use build::remote_generation::{RemoteCall, RemoteError};
pub(crate) use build::resource_usage;
pub use change_counter::ChangeCounter;
pub use clock::Clock;
pub(crate) use clock::commit_time;
pub use commit_options::ModuleOptionsError;
pub use descriptors::DescriptorsError;
pub use integrity::{
    Depth, LockedCrate, NotRegenerated, Regenerated, SourceProof, SourceProver, Unproven, Verification, copy_damage,
    copy_damage_aside, damage_summary, verify,
};
pub use outline::PartOfCommit;
pub use push::compile_only::{Unstored, UnstoredContent};
pub use push::dependencies::DependencyError;
pub use push::gate::GateVerdict;
pub use push::gate::breaking_changes::BreakingChanges;
pub use push::gate::nearest::{Gate, GateOrigin};
pub use push::gate::settings::GateSettings;
pub use push::gate::taken_names::TakenNames;
pub use push::gate::unique_names::ModuleToCheck;
pub use push::import_commit::{Import, ImportError, Imported};
pub use push::labels::{BreakingMove, LabelChanges};
pub use push::request::{Push, PushContent, PushError, Pushed};
pub use push::upstream::{
    Fetched, Fetching, FetchingHeads, ImportFetchedError, MirrorSource, MirroredHead, Upstream, UpstreamError,
};
pub use queue::on_demand::{SdkPurpose, SdkRequest, SdkRequestError};
pub use queue::running::Running;
pub use references::{ResolveError, Resolved, resolve, resolve_commit};
pub use schema::{SchemaError, SchemaRequest};
pub use source_crates::{SourceCrate, SourceCrateError, SourceCrates};

use build::build_memory::BuildMemory;
use build::thread_pool::Threads;
use queue::own_process_queue::OwnProcessQueue;
use queue::signal::WorkSignal;
use queue::store_outage::StoreOutage;

/// The number of entries in the cache of compiled commits and in the cache of compiled modules.
const COMPILED: usize = 64;

/// The encoded bytes of descriptors that each of the two caches holds. In memory they take twice as much, but commits
/// share the files that did not change between them. All of googleapis has 80 MiB.
const COMPILED_BYTES: u64 = 192 << 20;

/// The encoded bytes of descriptors of parts of commits that are held.
const PART_BYTES: u64 = 32 << 20;

/// The settings of a publisher.
#[derive(Debug, Clone)]
pub struct PublishSettings {
    /// Limits on sources and crates.
    pub limits: Limits,
    /// The plugins that every push to an eager label generates with.
    pub eager: Vec<PluginRef>,
    /// The eager labels, besides the default label of each module.
    pub eager_labels: Vec<LabelPattern>,
    /// The number of SDKs that are made at the same time, besides a small one.
    pub workers: usize,
    /// Memory that these SDKs may take together in this process, in bytes.
    pub build_memory: u64,
    /// The process of its own for SDKs that may take more memory.
    pub subprocess: Subprocess,
    /// The server's address as others see it, without a trailing slash: it is written into crates.
    pub public_url: String,
    /// The plugins of the catalogue that are executables.
    pub externals: Externals,
    /// How long the name of a deleted owner rests before others can take it.
    pub name_rest: Duration,
    /// The gate before a release.
    pub gate: GateSettings,
    /// The cargo that checks crates before they are published, if crates are checked.
    pub verify: Option<Arc<Verify>>,
    /// How people know this process among those that serve the same store: its machine, and its port.
    pub node_name: String,
}

/// The pipeline: takes pushes and makes SDKs.
pub struct Publisher {
    store: Store,
    catalogue: Catalogue,
    settings: PublishSettings,
    clock: Clock,
    /// This process among those that take jobs from the queue.
    node: NodeId,
    /// What it says of itself to the others.
    says: NodeDetails,
    progress: ChangeCounter,
    metrics: Arc<Metrics>,
    /// Held from reading the heads of labels to moving them: pushes take turns.
    push_lock: Mutex<()>,
    /// Held while commits from the upstream are imported.
    importing: Mutex<()>,
    /// Descriptors of commits. The id of an imported commit was chosen by another registry, so the module's id, which
    /// this registry chose, is part of the key.
    compiled: Cache<(ModuleId, CommitId), Arc<DescriptorSet>, Encoded>,
    /// Descriptors of parts of commits that are not compiled as a whole.
    parts: Cache<(ModuleId, CommitId, String), Arc<DescriptorSet>, Encoded>,
    /// The compiled files of the last push of each module, for the next push.
    earlier: Cache<ModuleId, Arc<CompileCache>, Encoded>,
    work_signal: Arc<WorkSignal>,
    store_outage: StoreOutage,
    /// The memory for all generation in this process.
    memory: BuildMemory,
    threads: Threads,
    /// The SDKs that may take more memory than this process allows.
    large: OwnProcessQueue,
    /// One remote generation at a time runs in a process of its own.
    remote_turn: MemoryBudget,
    /// Whether the unfinished jobs of an earlier process are queued again.
    resumed: Mutex<bool>,
}

impl Publisher {
    /// The store.
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

    /// The limits on pushes.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// A claim to the name of a new owner, on behalf of `by`; absent when the registry creates the owner itself.
    #[must_use]
    pub fn claim(&self, by: Option<OwnerId>) -> Claim {
        Claim { by, at: self.clock.now(), rest: self.settings.name_rest }
    }

    /// How long the name of a deleted owner rests.
    #[must_use]
    pub fn name_rest(&self) -> Duration {
        self.settings.name_rest
    }

    /// The counter of changes to SDKs and to everything else that readers see.
    #[must_use]
    pub fn progress(&self) -> &ChangeCounter {
        &self.progress
    }

    /// What is counted and measured of this registry.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// How often the cache of compiled commits had what was looked up, and how often not.
    #[must_use]
    pub fn compiled_hits_and_misses(&self) -> (u64, u64) {
        (self.compiled.hits(), self.compiled.misses())
    }

    /// The reason why SDKs cannot be stored at present, if there is one.
    #[must_use]
    pub fn outage(&self) -> Option<&'static str> {
        self.store_outage.reason()
    }

    /// Keeps compiled commits for the workers that are about to need them, and for the next push.
    fn remember(&self, compiled: Compiled, commits: &[Commit], names: &[ModuleName]) {
        let earlier = Arc::new(compiled.earlier);
        for (commit, name) in commits.iter().zip(names) {
            self.compiled.insert((commit.module, commit.id), Arc::new(compiled.descriptors.closure(name)));
            self.earlier.insert(commit.module, Arc::clone(&earlier));
        }
    }
}

/// Weighs cached compilations by their encoded bytes.
#[derive(Clone)]
struct Encoded;

impl Weighter<(ModuleId, CommitId), Arc<DescriptorSet>> for Encoded {
    fn weight(&self, _: &(ModuleId, CommitId), set: &Arc<DescriptorSet>) -> u64 {
        set.files.iter().map(|file| file.encoded.len() as u64).sum::<u64>().max(1)
    }
}

impl Weighter<(ModuleId, CommitId, String), Arc<DescriptorSet>> for Encoded {
    fn weight(&self, (module, commit, _): &(ModuleId, CommitId, String), set: &Arc<DescriptorSet>) -> u64 {
        self.weight(&(*module, *commit), set)
    }
}

impl Weighter<ModuleId, Arc<CompileCache>> for Encoded {
    fn weight(&self, _: &ModuleId, earlier: &Arc<CompileCache>) -> u64 {
        earlier.encoded_len().max(1)
    }
}

#[cfg(test)]
mod tests;
