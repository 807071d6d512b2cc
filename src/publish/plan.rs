//! Which SDKs a commit owes, and what each of them needs first.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::Catalogue;
use crate::model::{CommitId, CrateName, LabelName, Plugin, PluginRef};
use crate::store::{Commit, Module, NewJob, SdkKey, Store, StoreError};

/// A commit together with what the plan needs to know of it.
#[derive(Debug, Clone)]
pub(super) struct PlannedCommit {
    /// Its module.
    pub module: Module,
    /// The commit.
    pub commit: Commit,
    /// The labels that it was pushed to.
    pub labels: Vec<LabelName>,
    /// All commits that it needs, direct and transitive: any of them may hold a type that its code names.
    pub dependencies: Vec<CommitId>,
}

/// Jobs in an order in which each stands behind those that it needs.
pub(super) struct Plan<'a> {
    store: &'a Store,
    catalogue: &'a Catalogue,
    /// Commits that are not stored yet.
    new: BTreeMap<CommitId, PlannedCommit>,
    jobs: Vec<NewJob>,
    seen: BTreeSet<SdkKey>,
    due: Vec<SdkKey>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(store: &'a Store, catalogue: &'a Catalogue, new: &[PlannedCommit]) -> Self {
        let new = new.iter().map(|planned| (planned.commit.id, planned.clone())).collect();
        Self { store, catalogue, new, jobs: vec![], seen: BTreeSet::new(), due: vec![] }
    }

    /// Adds what a push of `planned` owes: every eager plugin, and every interest on its labels.
    pub(super) fn add_due(&mut self, planned: &PlannedCommit, eager: &[PluginRef]) -> Result<(), StoreError> {
        let mut plugins: BTreeSet<PluginRef> = eager.iter().cloned().collect();
        for interest in self.store.interests(planned.module.id)? {
            if planned.labels.contains(&interest.label) {
                plugins.insert(PluginRef { name: interest.plugin, version: interest.version });
            }
        }
        for reference in plugins {
            // A plugin that left the catalogue since the interest was registered owes nothing any more.
            if let Ok(plugin) = self.catalogue.find(&reference) {
                self.add(planned.commit.id, plugin)?;
            }
        }
        Ok(())
    }

    /// Adds the SDK of `commit` by `plugin` to what is due.
    pub(super) fn add(&mut self, commit: CommitId, plugin: &Plugin) -> Result<(), StoreError> {
        let key = self.require(commit, plugin)?;
        if !self.due.contains(&key) {
            self.due.push(key);
        }
        Ok(())
    }

    /// The jobs, and the SDKs that were asked for (without those that only they need).
    pub(super) fn finish(self) -> (Vec<NewJob>, Vec<SdkKey>) {
        (self.jobs, self.due)
    }

    /// Depth is bounded: by the chain of plugins, and by the chain of modules, which was checked to be free of cycles
    /// when each was pushed.
    fn require(&mut self, commit: CommitId, plugin: &Plugin) -> Result<SdkKey, StoreError> {
        let key = SdkKey { commit, plugin: plugin.name.clone(), version: plugin.version, revision: plugin.revision };
        if !self.seen.insert(key.clone()) {
            return Ok(key);
        }
        let planned = self.planned(commit)?;
        let catalogue = self.catalogue;
        let mut needs = vec![];
        for reference in &plugin.dependencies {
            if let Ok(messages) = catalogue.find(reference) {
                needs.push(self.require(commit, messages)?);
            }
        }
        for &dependency in &planned.dependencies {
            for messages in message_plugins(catalogue, plugin) {
                needs.push(self.require(dependency, messages)?);
            }
        }
        let crate_name = CrateName::new(planned.module.name, plugin.name.clone());
        self.jobs.push(NewJob { key: key.clone(), crate_name, needs });
        Ok(key)
    }

    fn planned(&self, commit: CommitId) -> Result<PlannedCommit, StoreError> {
        if let Some(planned) = self.new.get(&commit) {
            return Ok(planned.clone());
        }
        let found = self.store.commit(commit)?.ok_or_else(|| StoreError::Missing(format!("commit {commit}")))?;
        let module = self.store.module_by_id(found.module)?;
        let module = module.ok_or_else(|| StoreError::Missing(format!("the module of commit {commit}")))?;
        let frozen = self.store.dependencies(commit)?;
        let dependencies = frozen.iter().map(|dependency| dependency.commit).collect();
        Ok(PlannedCommit { module, commit: found, labels: vec![], dependencies })
    }
}

/// The plugins whose SDKs hold the messages that the code of `plugin` names: itself, or those that it builds on.
pub(super) fn message_plugins<'a>(catalogue: &'a Catalogue, plugin: &'a Plugin) -> Vec<&'a Plugin> {
    if plugin.dependencies.is_empty() {
        return vec![plugin];
    }
    plugin.dependencies.iter().filter_map(|reference| catalogue.find(reference).ok()).collect()
}
