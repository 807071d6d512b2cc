//! The decisions of a push: whether each content is a new commit, which labels move, and which SDKs are due.

use std::collections::{BTreeMap, BTreeSet};

use super::dependencies::{Dependencies, DependencyCommit, ModuleGraph, digests};
use super::gate::Verdicts;
use super::gate::breaking_changes::BreakingChanges;
use super::labels::{breaking_event, event, moved_label};
use super::request::{Push, PushError, Pushed};
use super::squash::{Content, Head, TargetLabel, squash};
use super::webhook_news::{breaking_news, push_news};
use crate::fail_point::{self, FailPoint};
use crate::model::{
    CommitId, DescriptorSet, FilesDigest, LabelName, ModuleId, ModuleName, Outline, PluginRef, Sha256Digest, Timestamp,
    WebhookNews,
};
use crate::module::module_digest;
use crate::publish::clock::commit_time;
use crate::publish::new_ids;
use crate::publish::queue::plan::{EagerRules, Plan, PlannedCommit};
use crate::publish::{Publisher, commit_options};
use crate::store::{
    AuditEvent, Commit, Dependency, HistoryStep, IndexedModule, LabelMove, Module, NewCommit, NewJob, PushTurn, SdkKey,
    Store, StoreError, WriteSet,
};
use crate::trace;

/// What is kept of the compiled sources.
#[derive(Default)]
pub(super) struct CompiledFacts {
    /// The symbols of the modules that are released, for the search index.
    pub(super) symbols: Vec<IndexedModule>,
    /// The outline of each module.
    pub(super) outlines: Vec<(ModuleName, Outline)>,
}

/// The decisions of one push as they are made, dependencies before dependants.
pub(super) struct PushDecisions<'a> {
    publisher: &'a Publisher,
    store: &'a Store,
    push: &'a Push,
    /// The files digest of each content of the push.
    digests: &'a [FilesDigest],
    graph: &'a ModuleGraph,
    descriptors: &'a DescriptorSet,
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
        digests: &'a [FilesDigest],
        (graph, descriptors): (&'a ModuleGraph, &'a DescriptorSet),
        dependencies: &Dependencies,
    ) -> Self {
        let commit = |(name, dependency): (&ModuleName, &DependencyCommit)| (name.clone(), dependency.commit.clone());
        let commits = dependencies.0.iter().map(commit).collect();
        let (store, now) = (&publisher.store, publisher.clock.now());
        let (new, moves, planned, eager) = (vec![], vec![], vec![], vec![]);
        Self { publisher, store, push, digests, graph, descriptors, now, commits, new, moves, planned, eager }
    }

    /// Decides whether the content of `name` is a new commit, and which labels move.
    pub(super) fn decide(&mut self, name: &ModuleName) -> Result<(), PushError> {
        let mut contents = self.push.contents.iter().zip(self.digests);
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

        let services = self.descriptors.has_services(name);
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
                self.new.push(NewCommit { commit: commit.clone(), snapshot, options, services, dependencies });
                commit
            }
        };
        for label in outcome.moves {
            let at = (self.now, self.push.by.user);
            self.moves.push(moved_label(self.store, &content.module, label, commit.id, at)?);
        }
        let dependencies = needs.iter().filter_map(|name| self.commits.get(name)).map(|commit| commit.id).collect();
        let module = content.module.clone();
        self.planned.push(PlannedCommit { module, commit: commit.clone(), labels, services, dependencies });
        self.commits.insert(name.clone(), commit);
        Ok(())
    }

    /// Whether the heads of all labels have this content, so that nothing of it is stored.
    pub(super) fn is_unchanged(&self) -> bool {
        self.new.is_empty() && self.moves.is_empty()
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

    /// Stores everything in one transaction, which ends `turn`; the commits of the result are in the order of `names`.
    pub(super) fn store(
        self,
        names: &[ModuleName],
        facts: CompiledFacts,
        verdicts: Verdicts,
        turn: PushTurn,
    ) -> Result<Pushed, PushError> {
        let (jobs, sdks) = self.due()?;
        let indexed = self.indexed(facts.symbols);
        let outlines = self.kept(facts.outlines);
        let mut events = self.events();
        events.extend(self.breaking(&verdicts));
        let (news, now) = (self.news(&verdicts)?, self.now);
        let created = self.new.iter().map(|new| new.commit.id).collect();
        let commits = names.iter().filter_map(|name| self.commits.get(name).cloned()).collect();
        let histories = self.histories(verdicts.histories);
        let (verdicts_kept, changes_kept) = (self.kept(verdicts.counts), self.kept(verdicts.changes));
        let record =
            WriteSet { commits: self.new, labels: self.moves, jobs, indexed, at: self.now, by: self.push.by.user };
        fail_point::reach(FailPoint::PushDecided);
        // A worker may take a job of the commits as soon as they are stored.
        record.commits.iter().for_each(|new| trace::note_cause(&new.commit.id));
        tracing::info_span!(target: trace::TARGET, "store").in_scope(|| {
            self.store.transaction_in(&self.push.modules(), "store the push", |tx| {
                tx.push(&record, turn)?;
                news.iter().try_for_each(|news| tx.announce(news, now))?;
                verdicts_kept.iter().try_for_each(|(commit, verdict)| tx.put_verdict(*commit, verdict))?;
                histories.iter().try_for_each(|(module, head, step)| tx.put_history(*module, *head, step))?;
                changes_kept.iter().try_for_each(|(commit, changes)| tx.put_commit_changes(*commit, changes))?;
                outlines.iter().try_for_each(|(commit, outline)| tx.put_outline(*commit, outline))?;
                events.iter().try_for_each(|event| tx.audit(event))
            })
        })?;
        fail_point::reach(FailPoint::PushStored);
        Ok(Pushed { commits, created, sdks, breaking: verdicts.warnings })
    }

    /// What was found about modules, by the commits that the push creates.
    fn kept<T>(&self, found: Vec<(ModuleName, T)>) -> Vec<(CommitId, T)> {
        let kept = |(module, found): (ModuleName, T)| {
            let commit = self.commits.get(&module)?.id;
            self.new.iter().any(|new| new.commit.id == commit).then_some((commit, found))
        };
        found.into_iter().filter_map(kept).collect()
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

    /// The records of what breaks, whether the gate warns of it or would have refused it.
    fn breaking(&self, verdicts: &Verdicts) -> Vec<AuditEvent> {
        let allowed = verdicts.allowed.iter().map(|changes| (changes, true));
        let warned = verdicts.warned.iter().map(|changes| (changes, false));
        let event = |(changes, allowed): (&BreakingChanges, bool)| {
            let planned = self.planned.iter().find(|planned| planned.module.name == changes.module)?;
            Some(breaking_event(&planned.module, planned.commit.id, changes, allowed, (self.now, self.push.by)))
        };
        allowed.chain(warned).filter_map(event).collect()
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

    /// Whether the default label of a module moves to this commit.
    fn is_moved(&self, planned: &PlannedCommit) -> bool {
        let default = |moved: &LabelMove| moved.label.name == planned.module.default_label;
        self.moves.iter().any(|moved| moved.label.module == planned.module.id && default(moved))
    }

    /// The steps of the modules whose default label moves, each with the commit that it moves to.
    fn histories(&self, steps: Vec<(ModuleName, HistoryStep)>) -> Vec<(ModuleId, CommitId, HistoryStep)> {
        let step = |(name, step): (ModuleName, HistoryStep)| {
            let planned = self.planned.iter().find(|planned| planned.module.name == name && self.is_moved(planned))?;
            Some((planned.module.id, planned.commit.id, step))
        };
        steps.into_iter().filter_map(step).collect()
    }

    /// The modules whose default label moves, of `symbols`.
    fn indexed(&self, symbols: Vec<IndexedModule>) -> Vec<IndexedModule> {
        let moves = |indexed: &IndexedModule| {
            let mut of_module = self.planned.iter().filter(|planned| planned.module.id == indexed.module);
            of_module.any(|planned| self.is_moved(planned))
        };
        symbols.into_iter().filter(moves).collect()
    }
}
