//! Builds one SDK: from a commit in the store to a crate.

pub(super) mod build_memory;
pub(super) mod cargo_check;
pub(super) mod confined_program;
pub(super) mod external_plugin;
pub(super) mod make_crate;
pub(super) mod own_process;
pub(super) mod remote_generation;
pub(crate) mod resource_usage;
pub(super) mod thread_pool;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::generate::{Bounds, Cost, GenerateError, UnknownPlugin, own_well_known, with_module_options};
use crate::model::{
    CommitId, CrateName, DescriptorSet, FeatureMode, ModuleName, NumberedName, Plugin, PluginRef, SdkVersion, Snapshot,
};
use crate::package::{DependencyKind, Package, PackageError, SdkDependency, features_in};
use crate::publish::Publisher;
use crate::publish::commit_options::{self, ModuleOptionsError};
use crate::publish::descriptors::DescriptorsError;
use crate::publish::push::dependencies::DependencyError;
use crate::publish::queue::plan::message_plugins;
use crate::store::{Commit, Module, Sdk, SdkKey, StoreError};
use cargo_check::CheckError;
use external_plugin::{External, Watched};
use make_crate::{CrateInput, Files, MakeError};
use own_process::SubprocessError;
use thread_pool::Threads;

/// The most bytes of memory that one call of a plugin may take in the server's own process, which cannot stop the call.
/// So much is a second or two of work.
const LARGEST_CALL: u64 = 256 << 20;

/// The time limit for a crate in the server's own process. A crate that takes longer is made in a process of its own.
const LONGEST_HERE: Duration = Duration::from_secs(60);

/// Why an SDK could not be made. The message is stored with the job and shown to users.
#[derive(Debug, thiserror::Error)]
pub(in crate::publish) enum BuildError {
    /// The catalogue does not have the plugin, or has another revision of it.
    #[error("{0}; request the SDK again to make it with the current catalogue")]
    Plugin(#[from] UnknownPlugin),
    /// The commit does not compile any more.
    #[error(transparent)]
    Descriptors(#[from] DescriptorsError),
    /// The module options cannot be read any more.
    #[error(transparent)]
    ModuleOptions(#[from] ModuleOptionsError),
    /// The plugin failed.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The plugin's output cannot be packaged.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// An SDK that this one depends on does not exist.
    #[error("crate {0} of commit {1} is missing; it is needed first")]
    Missing(CrateName, String),
    /// Making the crate may take more memory or time than the server's own process allows.
    #[error("making the crate may take {} MiB of memory, more than the server's own process has for it", .0.memory >> 20)]
    TooLarge(Cost),
    /// The process of its own that was to make the crate failed.
    #[error("crate {name} could not be made: {source}")]
    Subprocess {
        /// The crate.
        name: CrateName,
        /// The failure.
        source: Box<SubprocessError>,
    },
    /// The crate does not pass `cargo check`.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The registry's process has ended too often while it made the crate.
    #[error(
        "the registry ended {deaths} times while it made {name}, so it is not retried by itself; `registry sdk retry {module} --commit {commit}` retries it", module = name.module()
    )]
    Deadly {
        /// How often the process has ended.
        deaths: u32,
        /// The crate.
        name: CrateName,
        /// Its commit.
        commit: CommitId,
    },
    /// A bug: the code panicked.
    #[error("making the crate failed unexpectedly; the registry's log has the details")]
    Panicked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MakeError> for BuildError {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Generate(error) => Self::Generate(error),
            MakeError::Package(error) => Self::Package(error),
            MakeError::TooLarge(cost) => Self::TooLarge(cost),
        }
    }
}

impl BuildError {
    /// Whether a retry would fail the same way, as for errors of the plugin, the packaging or the compiler. All other
    /// failures may be temporary.
    pub(in crate::publish) fn is_final(&self) -> bool {
        match self {
            Self::Subprocess { source, .. } => source.is_final(),
            Self::Generate(GenerateError::NotStarted { .. }) | Self::Check(CheckError::NotRun(_)) | Self::Panicked => {
                false
            }
            _ => self.of_store().is_none_or(StoreError::is_final),
        }
    }

    /// The message that is stored with the job.
    pub(in crate::publish) fn for_users(&self) -> String {
        let text = match self.of_store() {
            Some(error) if !error.is_final() => error.outage().to_owned(),
            _ => self.to_string(),
        };
        if self.is_final() { text } else { format!("{text}; it is tried again by itself") }
    }

    fn of_store(&self) -> Option<&StoreError> {
        use DescriptorsError::{Dependency, Store};
        match self {
            Self::Store(error)
            | Self::Descriptors(Store(error) | Dependency(DependencyError::Store(error)))
            | Self::Check(CheckError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

/// Where a crate is made.
#[derive(Clone, Copy)]
pub(in crate::publish) enum BuildPlace<'a> {
    /// In the server's own process, if there is memory for it: on these threads, or on the global pool.
    Here(Option<&'a Threads>),
    /// In a process of its own.
    Apart,
}

/// The inputs of one build, read from the store.
struct Input<'a> {
    key: &'a SdkKey,
    /// The plugin, with the module options.
    plugin: Plugin,
    features: FeatureMode,
    module: Module,
    commit: Commit,
    snapshot: Snapshot,
    descriptors: Arc<DescriptorSet>,
}

impl Input<'_> {
    fn crate_name(&self) -> CrateName {
        CrateName::new(self.module.name.clone(), self.key.plugin.clone())
    }
}

impl Publisher {
    /// Makes the crate of `key`; stores nothing but the result of the compile check, if there is one.
    pub(in crate::publish) fn build(&self, key: &SdkKey, place: BuildPlace<'_>) -> Result<(Sdk, Package), BuildError> {
        let threads = if let BuildPlace::Here(threads) = place { threads } else { None };
        self.check_revision(key)?;
        let input = thread_pool::run_on(threads, || self.read_input(key))?;
        let (module, released) = (input.module.id, input.commit.released_at());
        let version = SdkVersion::new(key.version, key.revision, key.commit, released);
        let earlier = self.earlier_crate(&input.crate_name());
        let input = self.crate_input(input, version, earlier, &self.settings.public_url)?;
        let made = match place {
            BuildPlace::Here(threads) => self.make_here(&input, threads),
            BuildPlace::Apart => self.make_in_subprocess(&input),
        }?;
        let sdk = Sdk {
            key: key.clone(),
            module,
            crate_name: input.name,
            version: input.version,
            checksum: made.checksum,
            size: made.crate_bytes.len() as u64,
            unpacked_size: made.unpacked_size,
            index_line: made.index_line.clone(),
            yanked: false,
            created: self.clock.now(),
        };
        if let Some(verify) = &self.settings.verify {
            let check = verify.check(&self.store, &sdk, &made.crate_bytes, &input.dependencies, &input.index_url)?;
            self.store.record_check(key, &check)?;
        }
        Ok((sdk, made))
    }

    /// Makes the crate of `key` again as a server with the address `url` makes it, without parts of an earlier one;
    /// stores nothing.
    pub(in crate::publish) fn build_again(&self, key: &SdkKey, url: &str) -> Result<Package, BuildError> {
        let input = self.read_input(key)?;
        let released = input.commit.released_at();
        let version = SdkVersion::new(key.version, key.revision, key.commit, released);
        let input = self.crate_input(input, version, None, url)?;
        match self.make_here(&input, None) {
            Err(BuildError::TooLarge(_)) => self.make_in_subprocess(&input),
            made => made,
        }
    }

    /// Refuses to make a crate by another revision than its version says: its bytes never change.
    fn check_revision(&self, key: &SdkKey) -> Result<(), BuildError> {
        let plugin = self.plugin_of(key)?;
        if plugin.revision == key.revision {
            return Ok(());
        }
        let (plugin, known) = (plugin.reference(), plugin.revision);
        Err(UnknownPlugin::Revision { plugin, asked: key.revision, known }.into())
    }

    /// The plugin of `key` in the catalogue, in whatever revision.
    pub(in crate::publish) fn plugin_of(&self, key: &SdkKey) -> Result<&Plugin, BuildError> {
        Ok(self.catalogue.find(&PluginRef { name: key.plugin.clone(), version: Some(key.version) })?)
    }

    fn crate_input(
        &self,
        input: Input<'_>,
        version: SdkVersion,
        earlier: Option<(Vec<u8>, bytes::Bytes)>,
        url: &str,
    ) -> Result<CrateInput, BuildError> {
        let dependencies = self.sdk_dependencies(&input)?;
        let numbered = self.numbered_names_of(&input)?;
        let name = input.crate_name();
        let mut made_of = CrateInput {
            earlier,
            name,
            version,
            commit: input.key.commit,
            descriptors: Files(Arc::new(own_well_known(&input.plugin, &input.descriptors, &input.module.name))),
            plugin: input.plugin,
            features: input.features,
            snapshot: input.snapshot,
            dependencies,
            numbered,
            generated: None,
            index_url: format!("sparse+{url}/gen/cargo/"),
            module_url: format!("{url}/{}", input.module.name),
            most_bytes: self.settings.limits.sdk,
        };
        if let Some(external) = self.settings.externals.get(&made_of.plugin) {
            let work_signal = Arc::clone(&self.work_signal);
            let external = external.within(Duration::MAX, move || work_signal.is_stopping());
            made_of.generated = Some(made_of.generate_with(&self.watched(&external))?);
        }
        Ok(made_of)
    }

    /// The previous crate `name`, whose parts can be reused. When it cannot be read, the whole crate is made anew.
    fn earlier_crate(&self, name: &CrateName) -> Option<(Vec<u8>, bytes::Bytes)> {
        self.store.newest_reuse_index(name).unwrap_or_else(|error| {
            tracing::warn!(%error, crate_name = %name, "the previous crate cannot be read, so the whole crate is made anew");
            None
        })
    }

    fn make_here(&self, input: &CrateInput, threads: Option<&Threads>) -> Result<Package, BuildError> {
        let deadline = Instant::now() + LONGEST_HERE;
        let goes_on = || Instant::now() < deadline && !self.memory.is_exceeded();
        let admit = |cost: &Cost| {
            let fits = cost.memory <= self.memory.largest() && cost.largest_call <= LARGEST_CALL;
            fits.then(|| Bounds {
                call: Some(LONGEST_HERE),
                calls: cost.calls,
                goes_on: &goes_on,
                held: Arc::new(self.memory.reserve(cost.memory)),
            })
        };
        Ok(input.make(self.memory.largest(), threads, admit)?)
    }

    fn make_in_subprocess(&self, input: &CrateInput) -> Result<Package, BuildError> {
        let made = self.settings.subprocess.package(input, &|| self.work_signal.is_stopping());
        made.map_err(|source| BuildError::Subprocess { name: input.name.clone(), source: Box::new(source) })
    }

    /// An external plugin whose outputs are compared with earlier ones.
    pub(in crate::publish) fn watched<'a>(&'a self, external: &'a External) -> Watched<'a> {
        Watched { external, store: &self.store, now: self.clock.now() }
    }

    fn read_input<'a>(&'a self, key: &'a SdkKey) -> Result<Input<'a>, BuildError> {
        let plugin = self.plugin_of(key)?;
        let missing = || StoreError::Missing(format!("commit {}", key.commit));
        let commit = self.store.commit(key.commit)?.ok_or_else(missing)?;
        let module = self.store.module_by_id(commit.module)?.ok_or_else(missing)?;
        let snapshot = self.store.snapshot(commit.id)?;
        let descriptors = self.descriptors_of(&module, &commit, &snapshot)?;
        let options = commit_options::read(snapshot.options().map(|file| &file.content))?;
        let (plugin, features) = (with_module_options(plugin, &options)?, options.features);
        Ok(Input { key, plugin, features, module, commit, snapshot, descriptors })
    }

    /// The SDKs whose types the code may use: the SDKs of the commit's dependencies, and for gRPC stubs the SDK with
    /// the messages of this commit.
    fn sdk_dependencies(&self, input: &Input<'_>) -> Result<Vec<SdkDependency>, BuildError> {
        let mut found = vec![];
        for reference in &input.plugin.dependencies {
            let messages = self.catalogue.find(reference)?;
            found.push(self.sdk_dependency(&input.commit, messages, DependencyKind::SameCommit)?);
        }
        for frozen in self.store.dependencies(input.key.commit)? {
            let missing = || StoreError::Missing(format!("commit {}", frozen.commit));
            let commit = self.store.commit(frozen.commit)?.ok_or_else(missing)?;
            for messages in message_plugins(&self.catalogue, &input.plugin) {
                found.push(self.sdk_dependency(&commit, messages, DependencyKind::OtherModule)?);
            }
        }
        Ok(found)
    }

    /// The numbered names in the crates of the commit's dependencies.
    fn numbered_names_of(&self, input: &Input<'_>) -> Result<BTreeMap<ModuleName, Vec<NumberedName>>, StoreError> {
        let mut found = BTreeMap::new();
        for frozen in self.store.dependencies(input.key.commit)? {
            let Some(commit) = self.store.commit(frozen.commit)? else { continue };
            let Some(module) = self.store.module_by_id(commit.module)? else { continue };
            let names = self.numbered_names(&commit, &module)?;
            found.insert(module.name, names.of(input.plugin.family));
        }
        Ok(found)
    }

    fn sdk_dependency(
        &self,
        commit: &Commit,
        plugin: &Plugin,
        kind: DependencyKind,
    ) -> Result<SdkDependency, BuildError> {
        let key = SdkKey {
            commit: commit.id,
            plugin: plugin.name.clone(),
            version: plugin.version,
            revision: plugin.revision,
        };
        if let Some(sdk) = self.store.sdk(&key)? {
            let features = features_in(&sdk.index_line);
            return Ok(SdkDependency { crate_name: sdk.crate_name, version: sdk.version, kind, features });
        }
        let missing = || StoreError::Missing(format!("the module of commit {}", commit.id));
        let module = self.store.module_by_id(commit.module)?.ok_or_else(missing)?;
        Err(BuildError::Missing(CrateName::new(module.name, plugin.name.clone()), commit.id.to_string()))
    }
}
