//! Makes crates of sources that a user has, without any server and store.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::compile::{CompileError, DEPS_ADVICE, Role, Source, compile};
use crate::generate::{Bounds, Catalogue, UnknownPlugin, numbered_names, own_well_known, with_module_options};
use crate::model::{
    CommitId, CrateName, DescriptorSet, FileOrigin, Limits, ModuleName, ModuleOptions, Plugin, PluginRef, SdkVersion,
    Snapshot,
};
use crate::module::files_digest;
use crate::package::{DependencyKind, Package, SdkDependency, StatedOrigin};
use crate::publish::build::make_crate::{CrateInput, Files, MakeError};
use crate::publish::commit_options::{self, ModuleOptionsError};
use crate::publish::queue::plan::message_plugins;

/// Memory for parts of a crate that are made side by side, in bytes.
const MEMORY: u64 = 1 << 30;

/// Why a crate cannot be made of sources.
#[derive(Debug, thiserror::Error)]
pub enum SourceCrateError {
    /// The sources are not there.
    #[error("the sources of module {0} are in none of the directories; name its checkout too")]
    NoSources(ModuleName),
    /// The sources do not compile.
    #[error("the sources do not compile, or need modules of further directories: {0}")]
    Compile(#[from] CompileError),
    /// The module options cannot be read.
    #[error(transparent)]
    Options(#[from] ModuleOptionsError),
    /// There is no such plugin.
    #[error(transparent)]
    Plugin(#[from] UnknownPlugin),
    /// The plugin failed.
    #[error("{name}: {reason}")]
    Failed {
        /// The crate.
        name: CrateName,
        /// Why it cannot be made.
        reason: String,
    },
}

impl SourceCrateError {
    /// The error for a command that asks no server: a module that an import needs is named with `flag`.
    #[must_use]
    pub fn without_server(&self, flag: &str) -> String {
        self.to_string().replace(DEPS_ADVICE, &format!("name the directory of the module that holds it: {flag} DIR"))
    }
}

/// A crate that was made.
pub struct SourceCrate {
    /// Its name.
    pub name: CrateName,
    /// Its version, which is that of no published crate.
    pub version: SdkVersion,
    /// The `.crate` file.
    pub bytes: Bytes,
}

/// Makes crates from these sources.
pub struct SourceCrates<'a> {
    catalogue: &'a Catalogue,
    limits: Limits,
    sources: BTreeMap<ModuleName, Snapshot>,
    /// The features of crates of modules that others depend on, which were made for that.
    features: RefCell<BTreeMap<(ModuleName, PluginRef), BTreeSet<String>>>,
}

impl<'a> SourceCrates<'a> {
    /// Makes crates from these sources, within these limits.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, limits: Limits, sources: BTreeMap<ModuleName, Snapshot>) -> Self {
        Self { catalogue, limits, sources, features: RefCell::default() }
    }

    pub(in crate::publish) fn catalogue(&self) -> &'a Catalogue {
        self.catalogue
    }

    /// The plugins that `registry.yaml` of a module asks for, or `usual`, without those that would make an empty crate, as
    /// for a push.
    ///
    /// # Errors
    /// When there are no sources of the module, its options are not valid, or the sources do not compile.
    pub fn plugins(&self, module: &ModuleName, usual: &[PluginRef]) -> Result<Vec<PluginRef>, SourceCrateError> {
        let options = self.snapshot(module)?.options().map(|file| &file.content);
        commit_options::check(self.catalogue, usual, self.snapshot(module)?.options())?;
        let services = self.compiled(module)?.has_services(module);
        let mut plugins = commit_options::eager(usual, options);
        let is_empty = |plugin: &Plugin| !plugin.makes_something(services);
        plugins.retain(|plugin| !self.catalogue.find(plugin).is_ok_and(is_empty));
        Ok(plugins)
    }

    /// The module and all that it imports.
    fn compiled(&self, module: &ModuleName) -> Result<DescriptorSet, SourceCrateError> {
        let role = |other: &ModuleName| if other == module { Role::Content } else { Role::Dependency };
        let sources = self.sources.iter().map(|(module, snapshot)| Source { module, snapshot, role: role(module) });
        Ok(compile(&sources.collect::<Vec<_>>(), &self.limits)?.descriptors.closure(module))
    }

    /// The crate of the module by the plugin, and the crates that it depends on, which come first. Their versions name the content of their sources.
    ///
    /// # Errors
    /// As [`SourceCrates::make`].
    pub fn with_dependencies(
        &self,
        module: &ModuleName,
        plugin: &PluginRef,
    ) -> Result<Vec<SourceCrate>, SourceCrateError> {
        let mut waiting = vec![(module.clone(), self.catalogue.find(plugin)?)];
        let (mut crates, mut seen) = (vec![], BTreeSet::new());
        while let Some((module, plugin)) = waiting.pop() {
            let name = CrateName::new(module, plugin.name.clone());
            if !seen.insert(name.clone()) {
                continue;
            }
            let input = self.local(&name, plugin)?;
            for dependency in &input.dependencies {
                let (module, messages) = (dependency.crate_name.module(), dependency.crate_name.plugin());
                let version = Some(dependency.version.plugin);
                let messages = self.catalogue.find(&PluginRef { name: messages.clone(), version })?;
                waiting.push((module.clone(), messages));
            }
            let version = input.version.clone();
            crates.push(SourceCrate { bytes: made(input)?.crate_bytes, name, version });
        }
        crates.reverse();
        Ok(crates)
    }

    fn local(&self, name: &CrateName, plugin: &Plugin) -> Result<CrateInput, SourceCrateError> {
        let (commit, version) = self.local_version(name.module(), plugin)?;
        let mut requirements = BTreeMap::new();
        for other in self.sources.keys() {
            for messages in message_plugins(self.catalogue, plugin) {
                let (_, version) = self.local_version(other, messages)?;
                let required = CrateName::new(other.clone(), messages.name.clone());
                requirements.insert(required.to_string(), format!("^{version}"));
            }
        }
        let origin = StatedOrigin {
            commit: commit.to_string(),
            module_url: String::new(),
            index_url: None,
            requirements,
            options: vec![],
        };
        self.input(name, &version, commit, plugin, &origin)
    }

    /// A commit id and a version that follow from the content of the module.
    fn local_version(&self, module: &ModuleName, plugin: &Plugin) -> Result<(CommitId, SdkVersion), SourceCrateError> {
        let digest = files_digest(self.snapshot(module)?).0;
        let mut id = [0; 16];
        id.copy_from_slice(&digest.as_bytes()[..16]);
        let commit = CommitId::from_bytes(id);
        let version = SdkVersion::new(plugin.version, plugin.revision, commit, None);
        Ok((commit, version))
    }

    fn snapshot(&self, module: &ModuleName) -> Result<&Snapshot, SourceCrateError> {
        self.sources.get(module).ok_or_else(|| SourceCrateError::NoSources(module.clone()))
    }

    /// The options of a module.
    ///
    /// # Errors
    /// When there are no sources of the module, or the options are not valid.
    pub(in crate::publish) fn options(&self, module: &ModuleName) -> Result<ModuleOptions, SourceCrateError> {
        Ok(commit_options::read(self.snapshot(module)?.options().map(|file| &file.content))?)
    }

    /// Makes the crate `name`, said to be of `commit`; the rest of what its manifest says is that of `origin`.
    ///
    /// # Errors
    /// When the sources are not there or do not compile, or the plugin fails.
    pub(in crate::publish) fn make(
        &self,
        name: &CrateName,
        version: &SdkVersion,
        commit: CommitId,
        plugin: &Plugin,
        origin: &StatedOrigin,
    ) -> Result<Package, SourceCrateError> {
        made(self.input(name, version, commit, plugin, origin)?)
    }

    fn input(
        &self,
        name: &CrateName,
        version: &SdkVersion,
        commit: CommitId,
        plugin: &Plugin,
        origin: &StatedOrigin,
    ) -> Result<CrateInput, SourceCrateError> {
        let module = name.module();
        let snapshot = self.snapshot(module)?;
        let descriptors = self.compiled(module)?;
        let options = self.options(module)?;
        let failed = |reason: String| SourceCrateError::Failed { name: name.clone(), reason };
        let with_options = with_module_options(plugin, &options).map_err(|error| failed(error.to_string()))?;
        let (mut dependencies, mut numbered) = (vec![], BTreeMap::new());
        for reference in &plugin.dependencies {
            let messages = self.catalogue.find(reference)?;
            let version = SdkVersion { plugin: messages.version, revision: messages.revision, ..version.clone() };
            dependencies.push(self.dependency(module, messages, version, DependencyKind::SameCommit, origin)?);
        }
        let origins = descriptors.files.iter().map(|file| &file.origin);
        let others: BTreeSet<_> = origins
            .filter_map(|origin| match origin {
                FileOrigin::Module(other) if other != module => Some(other),
                _ => None,
            })
            .collect();
        for other in others {
            numbered.insert(other.clone(), numbered_names(&self.compiled(other)?, other).of(plugin.family));
            for messages in message_plugins(self.catalogue, plugin) {
                let required = required(origin, &CrateName::new(other.clone(), messages.name.clone()));
                let version = required.unwrap_or_else(|| version.clone());
                dependencies.push(self.dependency(other, messages, version, DependencyKind::OtherModule, origin)?);
            }
        }
        Ok(CrateInput {
            name: name.clone(),
            version: version.clone(),
            commit,
            descriptors: Files(Arc::new(own_well_known(&with_options, &descriptors, module))),
            plugin: with_options,
            features: options.features,
            snapshot: snapshot.clone(),
            dependencies,
            numbered,
            earlier: None,
            generated: None,
            index_url: origin.index_url.clone().unwrap_or_default(),
            module_url: origin.module_url.clone(),
            most_bytes: self.limits.sdk,
        })
    }

    /// The crate of `module` by `plugin` in `version`, with the features that its sources give it.
    fn dependency(
        &self,
        module: &ModuleName,
        plugin: &Plugin,
        version: SdkVersion,
        kind: DependencyKind,
        origin: &StatedOrigin,
    ) -> Result<SdkDependency, SourceCrateError> {
        let crate_name = CrateName::new(module.clone(), plugin.name.clone());
        let known = (module.clone(), plugin.reference());
        let features = self.features.borrow().get(&known).cloned();
        let features = match features {
            Some(features) => features,
            None => {
                // Its features follow from its sources: whichever commit it is said to be of.
                let origin = StatedOrigin { requirements: BTreeMap::new(), ..origin.clone() };
                let made = self.make(&crate_name, &version, CommitId::from_bytes([0; 16]), plugin, &origin)?;
                self.features.borrow_mut().insert(known, made.features.clone());
                made.features
            }
        };
        Ok(SdkDependency { crate_name, version, kind, features })
    }
}

fn made(input: CrateInput) -> Result<Package, SourceCrateError> {
    let name = input.name.clone();
    let made = input.make(MEMORY, None, |cost| Some(Bounds { calls: cost.calls, ..Bounds::none() }));
    made.map_err(|error: MakeError| SourceCrateError::Failed { name, reason: error.to_string() })
}

/// The least version of the crate `name` that is required.
fn required(origin: &StatedOrigin, name: &CrateName) -> Option<SdkVersion> {
    origin.requirements.get(&name.to_string())?.strip_prefix('^')?.parse().ok()
}
