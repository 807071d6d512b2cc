//! Proves that a crate of a lock file follows from sources that its user has, without any server and store.
//!
//! The code of a crate depends on the sources, the module options and the plugin alone. Three things follow from none of
//! these, and are taken from the crate itself: the whole id of its commit, the address of the server, and the least
//! versions of crates that it requires, whose actual versions are in the lock file. They are compared like all the rest,
//! but no proof of themselves. Options of plugins are never taken from the crate: they may add code.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::regenerate::NotRegenerated;
use crate::compile::{CompileError, Role, Source, compile};
use crate::generate::{Bounds, Catalogue, UnknownPlugin, own_well_known, with_module_options};
use crate::model::{
    CommitId, CrateName, FileOrigin, Limits, ModuleName, Plugin, PluginRef, SdkVersion, Sha256Digest, Snapshot,
};
use crate::package::{DependencyKind, Package, SdkDependency, StatedOrigin, files_in, stated_origin, with_time};
use crate::publish::build::make_crate::{CrateInput, Files, MakeError};
use crate::publish::commit_options::{self, ModuleOptionsError};
use crate::publish::queue::plan::message_plugins;

/// Memory for parts of a crate that are made side by side, in bytes.
const MEMORY: u64 = 1 << 30;

/// A crate as a lock file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedCrate {
    /// Its name.
    pub name: CrateName,
    /// Its version.
    pub version: SdkVersion,
    /// The checksum that cargo compares.
    pub checksum: Sha256Digest,
}

/// What came of making a crate again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceProof {
    /// The same bytes.
    SameBytes,
    /// The same files, packed by another version of the program.
    SameFiles,
    /// Another content.
    Different {
        /// The first file that is not the same.
        file: String,
        /// What may have led to it.
        hint: Option<String>,
    },
}

/// Why nothing could be said about a crate.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// The sources are not there.
    #[error("the sources of module {0} are in none of the directories; name its checkout with --against too")]
    NoSources(ModuleName),
    /// The file is not the one of the lock file.
    #[error(
        "the downloaded file has checksum {0}, which is not that of the lock file; remove it and run `cargo fetch`"
    )]
    OtherFile(Sha256Digest),
    /// The crate cannot be read.
    #[error("the downloaded crate cannot be read: {0}")]
    Unreadable(String),
    /// The sources do not compile.
    #[error("the sources do not compile, so the crate is of others, or needs modules of further directories: {0}")]
    Compile(#[from] CompileError),
    /// The module options cannot be read.
    #[error(transparent)]
    Options(#[from] ModuleOptionsError),
    /// This program does not have the plugin: only the server that runs it does.
    #[error("{0}; this program can only prove what its own plugins make")]
    Plugin(#[from] UnknownPlugin),
    /// This program has another revision of the plugin, or it failed.
    #[error(transparent)]
    NotMade(#[from] NotRegenerated),
}

/// Makes crates from these sources.
pub struct SourceProver<'a> {
    catalogue: &'a Catalogue,
    limits: Limits,
    sources: BTreeMap<ModuleName, Snapshot>,
    /// The features of crates of modules that others depend on, which were made for that.
    features: RefCell<BTreeMap<(ModuleName, PluginRef), BTreeSet<String>>>,
}

impl<'a> SourceProver<'a> {
    /// Makes crates from these sources, within these limits.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, limits: Limits, sources: BTreeMap<ModuleName, Snapshot>) -> Self {
        Self { catalogue, limits, sources, features: RefCell::default() }
    }

    /// Makes the crate again and compares it with `downloaded`, the file that cargo has of it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prove(&self, locked: &LockedCrate, downloaded: &[u8]) -> Result<SourceProof, Unproven> {
        let found = Sha256Digest::of(downloaded);
        if found != locked.checksum {
            return Err(Unproven::OtherFile(found));
        }
        let root = format!("{}-{}", locked.name, locked.version);
        let read = |bytes: &[u8]| {
            files_in(bytes, &root, self.limits.sdk).map_err(|error| Unproven::Unreadable(error.to_string()))
        };
        let given = read(downloaded)?;
        let origin = origin_of(&given).ok_or_else(|| Unproven::Unreadable("its manifest names no commit".into()))?;
        let plugin = self.plugin(locked)?;
        let made = self.make(&locked.name, &locked.version, &plugin, &origin)?;
        if made.checksum == locked.checksum || is_stored_as(&made, locked) {
            return Ok(SourceProof::SameBytes);
        }
        let made = read(&made.crate_bytes)?;
        if made == given {
            return Ok(SourceProof::SameFiles);
        }
        Ok(SourceProof::Different { file: first_different(&given, &made), hint: self.hint(locked, &origin) })
    }

    fn plugin(&self, locked: &LockedCrate) -> Result<Plugin, Unproven> {
        let reference = PluginRef { name: locked.name.plugin().clone(), version: Some(locked.version.plugin) };
        let plugin = self.catalogue.find(&reference)?;
        if plugin.revision != locked.version.revision {
            let (made_by, known) = (locked.version.revision, plugin.revision);
            return Err(NotRegenerated::OtherRevision { name: locked.name.clone(), made_by, known }.into());
        }
        Ok(plugin.clone())
    }

    fn make(
        &self,
        name: &CrateName,
        version: &SdkVersion,
        plugin: &Plugin,
        origin: &StatedOrigin,
    ) -> Result<Package, Unproven> {
        let module = name.module();
        let snapshot = self.sources.get(module).ok_or_else(|| Unproven::NoSources(module.clone()))?;
        let commit = origin.commit.parse::<CommitId>().ok().filter(|commit| commit.short() == version.commit);
        let commit = commit.ok_or_else(|| Unproven::Unreadable("its manifest names another commit".into()))?;
        let role = |other: &ModuleName| if other == module { Role::Content } else { Role::Dependency };
        let sources = self.sources.iter().map(|(module, snapshot)| Source { module, snapshot, role: role(module) });
        let descriptors = compile(&sources.collect::<Vec<_>>(), &self.limits)?.descriptors.closure(module);
        let options = commit_options::read(snapshot.options().map(|file| &file.content))?;
        let failed = |reason: String| NotRegenerated::Failed { name: name.clone(), reason };
        let with_options = with_module_options(plugin, &options).map_err(|error| failed(error.to_string()))?;
        let mut dependencies = vec![];
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
            for messages in message_plugins(self.catalogue, plugin) {
                let required = required(origin, &CrateName::new(other.clone(), messages.name.clone()));
                let version = required.unwrap_or_else(|| version.clone());
                dependencies.push(self.dependency(other, messages, version, DependencyKind::OtherModule, origin)?);
            }
        }
        let input = CrateInput {
            name: name.clone(),
            version: version.clone(),
            commit,
            descriptors: Files(Arc::new(own_well_known(&with_options, &descriptors, module))),
            plugin: with_options,
            features: options.features,
            snapshot: snapshot.clone(),
            dependencies,
            earlier: None,
            generated: None,
            index_url: origin.index_url.clone().unwrap_or_default(),
            module_url: origin.module_url.clone(),
            most_bytes: self.limits.sdk,
        };
        let made = input.make(MEMORY, None, |cost| Some(Bounds { at_once: cost.at_once, ..Bounds::none() }));
        Ok(made.map_err(|error: MakeError| failed(error.to_string()))?)
    }

    /// The crate of `module` by `plugin` in `version`, with the features that its sources give it.
    fn dependency(
        &self,
        module: &ModuleName,
        plugin: &Plugin,
        version: SdkVersion,
        kind: DependencyKind,
        origin: &StatedOrigin,
    ) -> Result<SdkDependency, Unproven> {
        let crate_name = CrateName::new(module.clone(), plugin.name.clone());
        let known = (module.clone(), plugin.reference());
        let features = self.features.borrow().get(&known).cloned();
        let features = match features {
            Some(features) => features,
            None => {
                // Its features follow from its sources: whichever commit it is said to be of.
                let commit = format!("{}{}", version.commit, "0".repeat(20));
                let origin = StatedOrigin { commit, requirements: BTreeMap::new(), ..origin.clone() };
                let made = self.make(&crate_name, &version, plugin, &origin)?;
                self.features.borrow_mut().insert(known, made.features.clone());
                made.features
            }
        };
        Ok(SdkDependency { crate_name, version, kind, features })
    }

    /// Options that the crate says it was made with, if its sources ask for others.
    fn hint(&self, locked: &LockedCrate, origin: &StatedOrigin) -> Option<String> {
        let snapshot = self.sources.get(locked.name.module())?;
        let options = commit_options::read(snapshot.options().map(|file| &file.content)).ok()?;
        let asked = with_module_options(&self.plugin(locked).ok()?, &options).ok()?.options;
        (asked != origin.options).then(|| {
            format!(
                "it was made with the options {:?}, and the registry.yaml of these sources asks for {asked:?}",
                origin.options
            )
        })
    }
}

/// Whether the crate in the form that labels' views of the index have, which is not compressed, is that of the lock file.
fn is_stored_as(made: &Package, locked: &LockedCrate) -> bool {
    let stored = with_time(&made.crate_bytes, &locked.name, &locked.version, &locked.version.time);
    stored.is_ok_and(|stored| Sha256Digest::of(&stored) == locked.checksum)
}

/// The least version of the crate `name` that is required.
fn required(origin: &StatedOrigin, name: &CrateName) -> Option<SdkVersion> {
    origin.requirements.get(&name.to_string())?.strip_prefix('^')?.parse().ok()
}

fn origin_of(files: &[(String, Vec<u8>)]) -> Option<StatedOrigin> {
    let (_, manifest) = files.iter().find(|(path, _)| path == "Cargo.toml")?;
    stated_origin(std::str::from_utf8(manifest).ok()?)
}

/// The first file of two lists that are not the same. Sources come before what follows from them.
fn first_different(given: &[(String, Vec<u8>)], made: &[(String, Vec<u8>)]) -> String {
    let paths = given.iter().chain(made).map(|(path, _)| path.as_str());
    let mut paths: Vec<_> = paths.collect::<BTreeSet<_>>().into_iter().collect();
    paths.sort_by_key(|path| !path.starts_with("proto/"));
    let of = |files: &[(String, Vec<u8>)], path: &str| -> Vec<Vec<u8>> {
        files.iter().filter(|(other, _)| other == path).map(|(_, content)| content.clone()).collect()
    };
    let differs = paths.into_iter().find_map(|path| {
        let (given, made) = (of(given, path), of(made, path));
        let what = match (given.as_slice(), made.as_slice()) {
            (given, made) if given == made => return None,
            ([], _) => " is not in the crate",
            (_, []) => " does not follow from the sources",
            _ => " is another",
        };
        Some(format!("{path}{what}"))
    });
    differs.unwrap_or_else(|| "the order of its files is another".into())
}
