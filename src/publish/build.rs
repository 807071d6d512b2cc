//! One SDK, from a commit in the store to a crate.

use std::sync::Arc;

use crate::fail_point::{self, FailPoint};
use crate::generate::{ExternCrate, GenerateError, Request, UnknownPlugin, with_wishes};
use crate::model::{CrateName, DescriptorSet, FeatureMode, Plugin, PluginRef, SdkVersion, Snapshot};
use crate::package::{CrateSpec, DependencyKind, Package, PackageError, SdkDependency, features_in, package};
use crate::store::{Commit, Module, Sdk, SdkKey, StoreError};

use super::Publisher;
use super::descriptors::DescriptorsError;
use super::external::{External, Watched};
use super::plan::message_plugins;
use super::verify::CheckError;
use super::wishes::{self, WishError};

/// Why an SDK could not be made. The text is kept with the SDK and shown to its users.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    /// The catalogue no longer has the plugin, or has a newer revision of it.
    #[error("{0}; ask for the SDK again to have it made by what the catalogue has now")]
    Plugin(#[from] UnknownPlugin),
    /// The commit cannot be compiled any more.
    #[error(transparent)]
    Descriptors(#[from] DescriptorsError),
    /// What the module asks of its crates cannot be read any more.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// The plugin refused.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// Its output makes no crate.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// An SDK that this one builds on is missing.
    #[error("crate {0} of commit {1} is missing; it is needed first")]
    Missing(CrateName, String),
    /// It does not compile.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is built, read from the store.
struct Input<'a> {
    key: &'a SdkKey,
    /// With the options that the module asks for.
    plugin: Plugin,
    features: FeatureMode,
    module: Module,
    commit: Commit,
    snapshot: Snapshot,
    descriptors: Arc<DescriptorSet>,
}

impl Publisher {
    /// Makes the crate of `key`; stores nothing of it but what a compiler says, if one is asked.
    pub(super) fn build(&self, key: &SdkKey) -> Result<(Sdk, Package), BuildError> {
        let input = self.read_input(key)?;
        let dependencies = self.sdk_dependencies(&input)?;
        let extern_crate = |sdk: &SdkDependency| ExternCrate {
            module: sdk.crate_name.module().clone(),
            lib_name: sdk.crate_name.lib_name(),
        };
        let externs: Vec<_> = dependencies.iter().map(extern_crate).collect();
        let request = Request {
            descriptors: &input.descriptors,
            module: &input.module.name,
            externs: &externs,
            options: &input.plugin.options,
        };
        let url = &self.settings.public_url;
        let index_url = format!("sparse+{url}/gen/cargo/");
        let crate_name = CrateName::new(input.module.name.clone(), key.plugin.clone());
        let _room = self.room.take_for(&input.descriptors, &input.module.name);
        let reusable = self.reusable(&crate_name);
        let parts = self.parts(&input.plugin, &request, reusable.as_ref())?;
        fail_point::reach(FailPoint::SdkGenerated);
        let version = SdkVersion::new(key.version, key.revision, key.commit, input.commit.released_at());
        let made = package(
            &CrateSpec {
                name: crate_name.clone(),
                version: version.clone(),
                plugin: &input.plugin,
                descriptors: &input.descriptors,
                parts: &parts,
                reusable: reusable.as_ref(),
                snapshot: &input.snapshot,
                commit: key.commit,
                dependencies: &dependencies,
                features: input.features,
                index_url: &index_url,
                module_url: &format!("{url}/{}", input.module.name),
            },
            &self.settings.limits,
        )?;
        fail_point::reach(FailPoint::SdkPackaged);
        let sdk = Sdk {
            key: key.clone(),
            module: input.module.id,
            crate_name,
            version,
            checksum: made.checksum,
            size: made.crate_bytes.len() as u64,
            unpacked_size: made.unpacked_size,
            index_line: made.index_line.clone(),
            yanked: false,
            created: self.clock.now(),
        };
        if let Some(verify) = &self.settings.verify {
            let check = verify.check(&self.store, &sdk, &made.crate_bytes, &dependencies, &index_url)?;
            self.store.record_check(key, &check)?;
        }
        Ok((sdk, made))
    }

    /// An executable whose answers are compared with those that it gave before.
    pub(super) fn watched<'a>(&'a self, external: &'a External) -> Watched<'a> {
        Watched { external, store: &self.store, now: self.clock.now() }
    }

    fn read_input<'a>(&'a self, key: &'a SdkKey) -> Result<Input<'a>, BuildError> {
        let reference = PluginRef { name: key.plugin.clone(), version: Some(key.version) };
        let plugin = self.catalogue.find(&reference)?;
        let missing = || StoreError::Missing(format!("commit {}", key.commit));
        let commit = self.store.commit(key.commit)?.ok_or_else(missing)?;
        let module = self.store.module_by_id(commit.module)?.ok_or_else(missing)?;
        let snapshot = self.store.snapshot(commit.id)?;
        let descriptors = self.descriptors_of(&module, &commit, &snapshot)?;
        let wishes = wishes::read(snapshot.options().map(|file| &file.content))?;
        let (plugin, features) = (with_wishes(plugin, &wishes)?, wishes.features);
        Ok(Input { key, plugin, features, module, commit, snapshot, descriptors })
    }

    /// The SDKs that the code may refer to: those of the frozen dependencies, and for stubs the messages of this commit.
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
