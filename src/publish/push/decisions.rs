//! The decisions of a push: whether each content is a new commit, which labels move, and which SDKs are due.

use std::collections::{BTreeMap, BTreeSet};

use super::dependencies::{Dependencies, ModuleGraph, digests};
use super::gate::Verdicts;
use super::gate::breaking_changes::BreakingChanges;
use super::labels::{event, moved_label};
use super::new_ids;
use super::news::{breaking_news, push_news};
use super::request::{Push, PushError, Pushed};
use super::search_symbols::symbols;
use super::squash::{Content, Head, TargetLabel, squash};
use crate::fail_point::{self, FailPoint};
use crate::model::{
    CommitId, DescriptorSet, FilesDigest, LabelName, ModuleName, PluginRef, Sha256Digest, Timestamp, WebhookNews,
};
use crate::module::module_digest;
use crate::publish::clock::commit_time;
use crate::publish::queue::plan::{EagerRules, Plan, PlannedCommit};
use crate::publish::{Publisher, commit_options};
use crate::store::{
    AuditEvent, BreakingVerdict, Commit, Dependency, IndexedModule, LabelMove, Module, NewCommit, NewJob, SdkKey,
    Store, StoreError, WriteSet,
};
use crate::trace;

/// The decisions of one push as they are made, dependencies before dependants.
pub(super) struct PushDecisions<'a> {
    publisher: &'a Publisher,
    store: &'a Store,
    push: &'a Push,
    /// The files digest of each content of the push.
    digests: Vec<FilesDigest>,
    graph: &'a ModuleGraph,
    now: Timestamp,
    /// The commit of every module in the push and of every dependency.
    commits: BTreeMap<ModuleName, Commit>,
    new: Vec<NewCommit<'a>>,
    moves: Vec<LabelMove>,
    planned: Vec<PlannedCommit>,
    /// The eager plugins of each of `planned`.
    eager: Vec<Vec<PluginRef>>,
}

impl<'a> PushDecisions<'a> {
    pub(super) fn new(
        publisher: &'a Publisher,
        push: &'a Push,
        digests: Vec<FilesDigest>,
        graph: &'a ModuleGraph,
        dependencies: Dependencies,
    ) -> Self {
        let commits = dependencies.0.into_iter().map(|(name, dependency)| (name, dependency.commit)).collect();
        let (store, now) = (&publisher.store, publisher.clock.now());
        let (new, moves, planned, eager) = (vec![], vec![], vec![], vec![]);
        Self { publisher, store, push, digests, graph, now, commits, new, moves, planned, eager }
    }

    /// Decides whether the content of `name` is a new commit, and which labels move.
    pub(super) fn decide(&mut self, name: &ModuleName) -> Result<(), PushError> {
        let mut contents = self.push.contents.iter().zip(&self.digests);
        let Some((content, files_digest)) = contents.find(|(content, _)| content.module.name == *name) else {
            return Ok(());
        };
        let (needs, files_digest) = (self.graph.all(name), *files_digest);
        let digest = module_digest(files_digest, &digests(&needs, &self.commits));
        let labels = content.target_labels();
        let options = commit_options::decided(self.store, &content.module, &content.snapshot, &labels)?;
        let targets = self.targets(&content.module, &labels)?;
        let outcome = squash(&Content { digest, options: options.as_deref().map(Sha256Digest::of) }, &targets);
        self.eager.push(commit_options::eager(&self.publisher.settings.eager, options.as_ref()));

        let existing = outcome.existing.map(|id| self.existing(id)).transpose()?;
        let commit = match existing {
            Some(commit) => commit,
            None => {
                let released = labels.contains(&content.module.default_label);
                let newest = self.store.latest_created(content.module.id)?;
                let commit = Commit {
                    id: new_ids::commit(),
                    module: content.module.id,
                    created: commit_time(self.now, newest, released),
                    released,
                    files_digest,
                    digest,
                    created_by: self.push.by.user,
                    source_control_url: content.source_control_url.clone(),
                };
                let dependencies = self.frozen(name, &needs);
                let snapshot = &content.snapshot;
                self.new.push(NewCommit { commit: commit.clone(), snapshot, options, dependencies });
                commit
            }
        };
        for label in outcome.moves {
            let at = (self.now, self.push.by.user);
            self.moves.push(moved_label(self.store, &content.module, label, commit.id, at)?);
        }
        let dependencies = needs.iter().filter_map(|name| self.commits.get(name)).map(|commit| commit.id).collect();
        let module = content.module.clone();
        self.planned.push(PlannedCommit { module, commit: commit.clone(), labels, dependencies });
        self.commits.insert(name.clone(), commit);
        Ok(())
    }

    fn existing(&self, id: CommitId) -> Result<Commit, StoreError> {
        self.store.commit(id)?.ok_or_else(|| StoreError::Missing(format!("commit {id}")))
    }

    fn targets(&self, module: &Module, labels: &[LabelName]) -> Result<Vec<TargetLabel>, StoreError> {
        let target = |name: &LabelName| {
            let head = match self.store.label(module.id, name)? {
                None => None,
                Some(label) => {
                    let commit = self.existing(label.commit)?;
                    let options = self.store.module_options(commit.id)?.as_deref().map(Sha256Digest::of);
                    let content = Content { digest: commit.digest, options };
                    Some(Head { commit: commit.id, content, archived: label.archived.is_some() })
                }
            };
            Ok(TargetLabel { name: name.clone(), head })
        };
        labels.iter().map(target).collect()
    }

    fn frozen(&self, name: &ModuleName, needs: &BTreeSet<ModuleName>) -> Vec<Dependency> {
        let direct = self.graph.direct(name);
        let dependency = |name: &ModuleName| {
            let commit = self.commits.get(name)?;
            Some(Dependency { commit: commit.id, direct: direct.contains(name) })
        };
        needs.iter().filter_map(dependency).collect()
    }

    /// Stores everything in one transaction; the commits of the result are in the order of `names`.
    pub(super) fn store(
        self,
        names: &[ModuleName],
        descriptors: &DescriptorSet,
        verdicts: Verdicts,
    ) -> Result<Pushed, PushError> {
        let (jobs, sdks) = self.due()?;
        let indexed = self.indexed(descriptors);
        let mut events = self.events();
        events.extend(self.allowed(&verdicts));
        let (news, now) = (self.news(&verdicts)?, self.now);
        let created = self.new.iter().map(|new| new.commit.id).collect();
        let commits = names.iter().filter_map(|name| self.commits.get(name).cloned()).collect();
        let verdicts_kept = self.verdicts_kept(&verdicts);
        let record =
            WriteSet { commits: self.new, labels: self.moves, jobs, indexed, at: self.now, by: self.push.by.user };
        fail_point::reach(FailPoint::PushDecided);
        // A worker may take a job of the commits as soon as they are stored.
        record.commits.iter().for_each(|new| trace::note_cause(&new.commit.id));
        tracing::info_span!(target: trace::TARGET, "store").in_scope(|| {
            self.store.transaction("store the push", |tx| {
                tx.push(&record)?;
                news.iter().try_for_each(|news| tx.announce(news, now))?;
                verdicts_kept.iter().try_for_each(|(commit, verdict)| tx.put_verdict(*commit, verdict))?;
                events.iter().try_for_each(|event| tx.audit(event))
            })
        })?;
        fail_point::reach(FailPoint::PushStored);
        Ok(Pushed { commits, created, sdks, breaking: verdicts.warnings })
    }

    /// The verdicts on the commits that the push creates.
    fn verdicts_kept(&self, verdicts: &Verdicts) -> Vec<(CommitId, BreakingVerdict)> {
        let kept = |(module, verdict): &(ModuleName, BreakingVerdict)| {
            let commit = self.commits.get(module)?.id;
            self.new.iter().any(|new| new.commit.id == commit).then_some((commit, *verdict))
        };
        verdicts.counts.iter().filter_map(kept).collect()
    }

    /// The records for the audit log: one for each content that changes something.
    fn events(&self) -> Vec<AuditEvent> {
        let event = |planned: &PlannedCommit| {
            let (module, commit) = (&planned.module, planned.commit.id);
            let of_module = self.moves.iter().filter(|moved| moved.label.module == module.id);
            let labels: Vec<_> = of_module.map(|moved| moved.label.name.as_str()).collect();
            let is_new = self.new.iter().any(|new| new.commit.id == commit);
            let what = format!("{commit} to {}", labels.join(", "));
            (is_new || !labels.is_empty()).then(|| event("commit.push", module, &what, (self.now, self.push.by)))
        };
        self.planned.iter().filter_map(event).collect()
    }

    /// What webhooks tell of the push.
    fn news(&self, verdicts: &Verdicts) -> Result<Vec<WebhookNews>, StoreError> {
        let mut news = vec![];
        for planned in &self.planned {
            let is_new = self.new.iter().any(|new| new.commit.id == planned.commit.id);
            let of = (&planned.module, &planned.commit);
            news.extend(push_news(self.store, of, is_new, &self.moves, self.push.by)?);
            let breaks = |all: &[BreakingChanges], allowed| {
                let found = all.iter().find(|breaking| breaking.module == planned.module.name)?;
                Some(breaking_news(&planned.module, planned.commit.id, found, allowed))
            };
            news.extend(breaks(&verdicts.allowed, true).or_else(|| breaks(&verdicts.warned, false)));
        }
        Ok(news)
    }

    /// The records of what the gate would have refused.
    fn allowed(&self, verdicts: &Verdicts) -> Vec<AuditEvent> {
        let event = |allowed: &BreakingChanges| {
            let planned = self.planned.iter().find(|planned| planned.module.name == allowed.module)?;
            let categories: Vec<_> = allowed.categories.iter().map(ToString::to_string).collect();
            let what = format!("{} breaks {}", planned.commit.id, categories.join(", "));
            Some(event("commit.allow-breaking", &planned.module, &what, (self.now, self.push.by)))
        };
        verdicts.allowed.iter().filter_map(event).collect()
    }

    /// The SDKs that are due. The queue counts all of them as jobs of the first module of the push.
    fn due(&self) -> Result<(Vec<NewJob>, Vec<SdkKey>), StoreError> {
        let Some(first) = self.push.contents.first() else { return Ok((vec![], vec![])) };
        let labels = &self.publisher.settings.eager_labels;
        let mut plan = Plan::new(self.store, &self.publisher.catalogue, &self.planned, first.module.id);
        for (planned, plugins) in self.planned.iter().zip(&self.eager) {
            plan.add_due(planned, EagerRules { plugins, labels })?;
        }
        Ok(plan.finish())
    }

    /// The symbols of the modules whose default label moves, for the search index.
    fn indexed(&self, descriptors: &DescriptorSet) -> Vec<IndexedModule> {
        let moves = |planned: &&PlannedCommit| {
            let default = |moved: &LabelMove| moved.label.name == planned.module.default_label;
            self.moves.iter().any(|moved| moved.label.module == planned.module.id && default(moved))
        };
        let index = |planned: &PlannedCommit| IndexedModule {
            module: planned.module.id,
            symbols: symbols(descriptors, &planned.module.name),
        };
        self.planned.iter().filter(moves).map(index).collect()
    }
}
