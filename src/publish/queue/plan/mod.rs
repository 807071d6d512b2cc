//! The SDKs that are due for a commit, and the dependencies of each.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::generate::Catalogue;
use crate::model::{CommitId, CrateName, LabelName, LabelPattern, ModuleId, Plugin, PluginRef, SdkState};
use crate::store::{Commit, Module, NewJob, SdkKey, Store, StoreError};

/// A commit with the facts that the plan needs.
#[derive(Debug, Clone)]
pub(in crate::publish) struct PlannedCommit {
    /// Its module.
    pub module: Module,
    /// The commit.
    pub commit: Commit,
    /// The labels that it was pushed to.
    pub labels: Vec<LabelName>,
    /// Whether it may declare a service.
    pub services: bool,
    /// Its dependencies, direct and transitive: the code may name types of any of them.
    pub dependencies: Vec<CommitId>,
}

/// The plugins that every push generates with.
#[derive(Debug, Clone, Copy)]
pub(in crate::publish) struct EagerRules<'a> {
    /// The plugins.
    pub plugins: &'a [PluginRef],
    /// The labels, besides the default label.
    pub labels: &'a [LabelPattern],
}

impl EagerRules<'_> {
    fn takes(&self, module: &Module, label: &LabelName) -> bool {
        *label == module.default_label || self.labels.iter().any(|pattern| pattern.matches(label))
    }
}

/// Jobs, each after its dependencies.
pub(in crate::publish) struct Plan<'a> {
    store: &'a Store,
    catalogue: &'a Catalogue,
    /// The commits of the push, which are not stored yet, and commits that were read from the store.
    commits: HashMap<CommitId, Rc<PlannedCommit>>,
    /// Whether an SDK is published, for SDKs that were looked up.
    published: HashMap<SdkKey, bool>,
    /// The module whose push or request causes the jobs.
    lane: ModuleId,
    jobs: Vec<NewJob>,
    seen: BTreeSet<SdkKey>,
    due: Vec<SdkKey>,
}

/// The open steps of a walk over SDKs and their dependencies.
enum Step<'a> {
    /// Visit the dependencies of the SDK.
    Visit(CommitId, &'a Plugin),
    /// Queue the SDK: all its dependencies are in the plan.
    Queue(Box<NewJob>),
}

impl<'a> Plan<'a> {
    pub(in crate::publish) fn new(
        store: &'a Store,
        catalogue: &'a Catalogue,
        new: &[PlannedCommit],
        lane: ModuleId,
    ) -> Self {
        let commits = new.iter().map(|planned| (planned.commit.id, Rc::new(planned.clone()))).collect();
        let (published, seen) = (HashMap::new(), BTreeSet::new());
        Self { store, catalogue, commits, published, lane, jobs: vec![], seen, due: vec![] }
    }

    /// Adds the SDKs that a push of `planned` makes due: every interest on its labels, and if one of them is eager,
    /// every eager plugin and every interest on the default label. An eager plugin that generates for services only
    /// makes nothing of a commit without them; an interest is somebody's request, and is kept.
    pub(in crate::publish) fn add_due(
        &mut self,
        planned: &PlannedCommit,
        eager: EagerRules<'_>,
    ) -> Result<(), StoreError> {
        let (module, labels) = (&planned.module, &planned.labels);
        let is_eager = labels.iter().any(|label| eager.takes(module, label));
        let mut plugins: BTreeSet<PluginRef> = BTreeSet::new();
        if is_eager {
            let is_empty = |plugin: &Plugin| !plugin.makes_something(planned.services);
            let is_useful = |reference: &&PluginRef| !self.catalogue.find(reference).is_ok_and(is_empty);
            plugins.extend(eager.plugins.iter().filter(is_useful).cloned());
        }
        for interest in self.store.interests(module.id)? {
            if labels.contains(&interest.label) || is_eager && interest.label == module.default_label {
                plugins.insert(PluginRef { name: interest.plugin, version: interest.version });
            }
        }
        for reference in plugins {
            // The plugin may have been removed from the catalogue since the interest was registered.
            if let Ok(plugin) = self.catalogue.find(&reference) {
                self.add(planned.commit.id, plugin)?;
            }
        }
        Ok(())
    }

    /// A stored commit, planned as if it were pushed to `label` now.
    pub(in crate::publish) fn pushed_to(
        &mut self,
        commit: CommitId,
        label: &LabelName,
    ) -> Result<PlannedCommit, StoreError> {
        let planned = self.planned(commit)?;
        Ok(PlannedCommit { labels: vec![label.clone()], ..(*planned).clone() })
    }

    /// Adds the SDK of `commit` by `plugin`.
    pub(in crate::publish) fn add(&mut self, commit: CommitId, plugin: &'a Plugin) -> Result<(), StoreError> {
        let key = sdk_key(commit, plugin);
        self.require(commit, plugin)?;
        if !self.due.contains(&key) {
            self.due.push(key);
        }
        Ok(())
    }

    /// The jobs, and the requested SDKs (without SDKs that are only dependencies).
    pub(in crate::publish) fn finish(mut self) -> (Vec<NewJob>, Vec<SdkKey>) {
        let due: HashSet<&SdkKey> = self.due.iter().collect();
        for job in &mut self.jobs {
            job.asked = due.contains(&job.key);
        }
        (self.jobs, self.due)
    }

    /// Adds the SDK and its dependencies. Not recursive, because chains of dependencies between modules have no maximum
    /// length.
    fn require(&mut self, commit: CommitId, plugin: &'a Plugin) -> Result<(), StoreError> {
        let mut steps = vec![Step::Visit(commit, plugin)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Queue(job) => self.jobs.push(*job),
                Step::Visit(commit, plugin) => {
                    if self.seen.insert(sdk_key(commit, plugin)) {
                        self.visit(commit, plugin, &mut steps)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn visit(&mut self, commit: CommitId, plugin: &'a Plugin, steps: &mut Vec<Step<'a>>) -> Result<(), StoreError> {
        let planned = self.planned(commit)?;
        let needs = self.needs(&planned, plugin)?;
        let after = self.released_first(&planned, plugin)?;
        let key = |(commit, plugin): &(CommitId, &Plugin)| sdk_key(*commit, plugin);
        steps.push(Step::Queue(Box::new(NewJob {
            key: sdk_key(commit, plugin),
            crate_name: CrateName::new(planned.module.name.clone(), plugin.name.clone()),
            needs: needs.iter().map(key).collect(),
            after: after.iter().map(key).collect(),
            lane: self.lane,
            asked: false,
            // The time of an external plugin cannot be estimated.
            predictable: !plugin.is_external(),
        })));
        steps.extend(needs.into_iter().chain(after).map(|(commit, plugin)| Step::Visit(commit, plugin)));
        Ok(())
    }

    /// The SDKs that must be made before this one: the SDK with the messages of the same commit, or the SDKs of the
    /// commit's dependencies.
    fn needs(
        &mut self,
        planned: &PlannedCommit,
        plugin: &'a Plugin,
    ) -> Result<Vec<(CommitId, &'a Plugin)>, StoreError> {
        if !plugin.dependencies.is_empty() {
            // The SDK with the messages waits for the dependencies of the commit.
            let messages = message_plugins(self.catalogue, plugin);
            return Ok(messages.into_iter().map(|messages| (planned.commit.id, messages)).collect());
        }
        let mut missing = vec![];
        for &dependency in &planned.dependencies {
            if !self.is_published(sdk_key(dependency, plugin))? {
                missing.push(dependency);
            }
        }
        Ok(self.nearest(missing)?.into_iter().map(|dependency| (dependency, plugin)).collect())
    }

    /// The commits that no other commit of the list depends on; waiting for these is waiting for all.
    fn nearest(&mut self, commits: Vec<CommitId>) -> Result<Vec<CommitId>, StoreError> {
        let mut open = commits.into_iter().map(|commit| self.planned(commit)).collect::<Result<Vec<_>, _>>()?;
        // A commit has fewer dependencies than its dependants.
        open.sort_by_key(|planned| Reverse(planned.dependencies.len()));
        let (mut nearest, mut covered) = (vec![], HashSet::new());
        for planned in open {
            if !covered.contains(&planned.commit.id) {
                nearest.push(planned.commit.id);
                covered.extend(planned.dependencies.iter().copied());
            }
        }
        Ok(nearest)
    }

    /// The SDK of the default label's head, if it must be made before the SDK of `planned`. The first SDK by a plugin
    /// version is always one of the default label, because cargo prefers a newer plugin version to a release.
    fn released_first(
        &self,
        planned: &PlannedCommit,
        plugin: &'a Plugin,
    ) -> Result<Vec<(CommitId, &'a Plugin)>, StoreError> {
        let module = &planned.module;
        if planned.commit.released {
            return Ok(vec![]);
        }
        let name = CrateName::new(module.name.clone(), plugin.name.clone());
        if self.store.has_released_sdk(&name, plugin.version)? {
            return Ok(vec![]);
        }
        let Some(head) = self.store.label(module.id, &module.default_label)? else { return Ok(vec![]) };
        let released = self.store.commit(head.commit)?.is_some_and(|head| head.released);
        Ok(if released { vec![(head.commit, plugin)] } else { vec![] })
    }

    fn is_published(&mut self, key: SdkKey) -> Result<bool, StoreError> {
        if let Some(&known) = self.published.get(&key) {
            return Ok(known);
        }
        let published = self.store.job(&key)?.is_some_and(|job| job.state == SdkState::Served);
        self.published.insert(key, published);
        Ok(published)
    }

    fn planned(&mut self, commit: CommitId) -> Result<Rc<PlannedCommit>, StoreError> {
        if let Some(planned) = self.commits.get(&commit) {
            return Ok(Rc::clone(planned));
        }
        let found = self.store.commit(commit)?.ok_or_else(|| StoreError::Missing(format!("commit {commit}")))?;
        let module = self.store.module_by_id(found.module)?;
        let module = module.ok_or_else(|| StoreError::Missing(format!("the module of commit {commit}")))?;
        let frozen = self.store.dependencies(commit)?;
        let dependencies = frozen.iter().map(|dependency| dependency.commit).collect();
        let services = self.store.may_have_services(commit)?;
        let planned = Rc::new(PlannedCommit { module, commit: found, labels: vec![], services, dependencies });
        self.commits.insert(commit, Rc::clone(&planned));
        Ok(planned)
    }
}

/// The SDK of `commit` by this version and revision of a plugin.
pub(in crate::publish) fn sdk_key(commit: CommitId, plugin: &Plugin) -> SdkKey {
    SdkKey { commit, plugin: plugin.name.clone(), version: plugin.version, revision: plugin.revision }
}

/// The plugins whose SDKs hold the messages that the code of `plugin` uses: the plugin itself, or its dependencies.
pub(in crate::publish) fn message_plugins<'a>(catalogue: &'a Catalogue, plugin: &'a Plugin) -> Vec<&'a Plugin> {
    if plugin.dependencies.is_empty() {
        return vec![plugin];
    }
    plugin.dependencies.iter().filter_map(|reference| catalogue.find(reference).ok()).collect()
}

#[cfg(test)]
mod tests;
