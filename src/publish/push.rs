//! One push, from checked snapshots to a durable commit with its SDKs queued.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::{CompileError, Compiled, Role, Source, compile_with};
use crate::fail_point::{self, FailPoint};
use crate::model::{
    CommitId, DescriptorSet, FilesDigest, LabelName, LimitExceeded, ModuleName, OwnerId, PluginRef, Sha256Digest,
    Snapshot, Timestamp,
};
use crate::module::{files_digest, module_digest};
use crate::package::{Clash, check_clashes};
use crate::store::{
    Commit, Dependency, IndexedModule, Label, LabelMove, Module, NewCommit, NewJob, PushRecord, SdkKey, Store,
    StoreError,
};

use super::clock::commit_time;
use super::dependencies::{Dependencies, DependencyError, ModuleGraph, digests};
use super::plan::{Eager, Plan, PlannedCommit};
use super::squash::{Content, Head, Target, squash};
use super::symbols::symbols;
use super::wishes::{self, WishError};
use super::{Publisher, ids};

/// What is pushed: checked contents of modules that exist and that the caller may write to.
pub struct Push {
    /// The modules with their content; each module once.
    pub contents: Vec<PushContent>,
    /// Commits of other modules that the contents build on.
    pub dependencies: Vec<CommitId>,
    /// Who pushes.
    pub by: OwnerId,
}

/// The content of one module.
pub struct PushContent {
    /// The module.
    pub module: Module,
    /// Its files.
    pub snapshot: Snapshot,
    /// The labels to push to; the default label if empty.
    pub labels: Vec<LabelName>,
    /// Where the content came from, or empty.
    pub source_control_url: String,
}

impl PushContent {
    fn target_labels(&self) -> Vec<LabelName> {
        if self.labels.is_empty() {
            return vec![self.module.default_label.clone()];
        }
        self.labels.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// A push that is durable.
pub struct Pushed {
    /// The commit of each content, in the order of the contents.
    pub commits: Vec<Commit>,
    /// The SDKs that were due for them.
    pub sdks: Vec<SdkKey>,
}

/// Why a push was refused. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The same module twice.
    #[error("module {0} is in the push twice")]
    DuplicateModule(ModuleName),
    /// The sources do not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Two declarations that would be one name in Rust.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// The dependencies cannot be used.
    #[error(transparent)]
    Dependency(#[from] DependencyError),
    /// What the module asks of its crates cannot be.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PushError {
    /// The limit that the push exceeded, if that is why it was refused.
    #[must_use]
    pub fn exceeded_limit(&self) -> Option<&LimitExceeded> {
        match self {
            Self::Compile(CompileError::Limit(limit)) => Some(limit),
            _ => None,
        }
    }
}

impl Publisher {
    /// Compiles, decides, and stores. When this returns, the push is durable and its SDKs are being made.
    ///
    /// # Errors
    /// When the push is refused; nothing of it was stored then.
    pub fn push(&self, push: &Push) -> Result<Pushed, PushError> {
        let names: Vec<_> = push.contents.iter().map(|content| content.module.name.clone()).collect();
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(PushError::DuplicateModule(twice.1.clone()));
        }
        for content in &push.contents {
            wishes::check(&self.catalogue, &self.settings.eager, content.snapshot.options())?;
        }
        let dependencies = Dependencies::load(&self.store, &push.dependencies, &names)?;
        let mut digests = vec![];
        // Compiling waits for threads of its own: here, where it keeps none of those that others wait for.
        let compiled = rayon::in_place_scope(|scope| {
            scope.spawn(|_| digests = push.contents.iter().map(|it| files_digest(&it.snapshot)).collect());
            self.compile(push, &dependencies)
        })?;
        fail_point::reach(FailPoint::PushCompiled);
        for name in &names {
            check_clashes(&compiled.descriptors, name)?;
        }
        let graph = ModuleGraph::new(&names, &compiled.imports, &dependencies);
        let order = graph.in_order(&names)?;

        // From reading the heads to moving them no other push may come between.
        let held = self.hold_pushes();
        let mut decided = Decided::new(self, push, digests, &graph, dependencies);
        for name in &order {
            decided.decide(name)?;
        }
        let pushed = decided.store(&names, &compiled.descriptors)?;
        drop(held);
        self.remember(compiled, &pushed.commits, &names);
        self.wake();
        Ok(pushed)
    }

    fn compile(&self, push: &Push, dependencies: &Dependencies) -> Result<Compiled, CompileError> {
        let mut sources = vec![];
        for PushContent { module, snapshot, .. } in &push.contents {
            sources.push(Source { module: &module.name, snapshot, role: Role::Content });
        }
        for (module, dependency) in &dependencies.0 {
            sources.push(Source { module, snapshot: &dependency.snapshot, role: Role::Dependency });
        }
        // Modules that are pushed together were compiled together last time.
        let earlier = push.contents.first().and_then(|content| self.earlier.get(&content.module.name));
        compile_with(&sources, &self.settings.limits, &earlier.unwrap_or_default())
    }
}

/// The decisions of one push as they are made, dependencies before dependants.
struct Decided<'a> {
    publisher: &'a Publisher,
    store: &'a Store,
    push: &'a Push,
    /// Of the files of each of its contents.
    digests: Vec<FilesDigest>,
    graph: &'a ModuleGraph,
    now: Timestamp,
    /// The commit of every module that the push touches or builds on.
    commits: BTreeMap<ModuleName, Commit>,
    new: Vec<NewCommit<'a>>,
    moves: Vec<LabelMove>,
    planned: Vec<PlannedCommit>,
    /// The plugins that generate on this push, for each of `planned`.
    eager: Vec<Vec<PluginRef>>,
}

impl<'a> Decided<'a> {
    fn new(
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
    fn decide(&mut self, name: &ModuleName) -> Result<(), PushError> {
        let mut contents = self.push.contents.iter().zip(&self.digests);
        let Some((content, files_digest)) = contents.find(|(content, _)| content.module.name == *name) else {
            return Ok(());
        };
        let (needs, files_digest) = (self.graph.all(name), *files_digest);
        let digest = module_digest(files_digest, &digests(&needs, &self.commits));
        let labels = content.target_labels();
        let options = wishes::decided(self.store, &content.module, &content.snapshot, &labels)?;
        let targets = self.targets(&content.module, &labels)?;
        let outcome = squash(&Content { digest, options: options.as_deref().map(Sha256Digest::of) }, &targets);
        self.eager.push(wishes::eager(&self.publisher.settings.eager, options.as_ref()));

        let existing = outcome.existing.map(|id| self.existing(id)).transpose()?;
        let commit = match existing {
            Some(commit) => commit,
            None => {
                let released = labels.contains(&content.module.default_label);
                let newest = self.store.latest_created(content.module.id)?;
                let commit = Commit {
                    id: ids::commit(),
                    module: content.module.id,
                    created: commit_time(self.now, newest, released),
                    released,
                    files_digest,
                    digest,
                    created_by: self.push.by,
                    source_control_url: content.source_control_url.clone(),
                };
                let dependencies = self.frozen(name, &needs);
                let snapshot = &content.snapshot;
                self.new.push(NewCommit { commit: commit.clone(), snapshot, options, dependencies });
                commit
            }
        };
        for label in outcome.moves {
            let at = (self.now, self.push.by);
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

    fn targets(&self, module: &Module, labels: &[LabelName]) -> Result<Vec<Target>, StoreError> {
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
            Ok(Target { name: name.clone(), head })
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

    /// Stores everything at once; `names` is the order of the answer.
    fn store(self, names: &[ModuleName], descriptors: &DescriptorSet) -> Result<Pushed, PushError> {
        let (jobs, sdks) = self.due()?;
        let indexed = self.indexed(descriptors);
        let commits = names.iter().filter_map(|name| self.commits.get(name).cloned()).collect();
        let record =
            PushRecord { commits: self.new, labels: self.moves, jobs, indexed, at: self.now, by: self.push.by };
        fail_point::reach(FailPoint::PushDecided);
        self.store.push(&record)?;
        fail_point::reach(FailPoint::PushStored);
        Ok(Pushed { commits, sdks })
    }

    /// The SDKs that are due; all take the turns of the first module of the push.
    fn due(&self) -> Result<(Vec<NewJob>, Vec<SdkKey>), StoreError> {
        let Some(first) = self.push.contents.first() else { return Ok((vec![], vec![])) };
        let labels = &self.publisher.settings.eager_labels;
        let mut plan = Plan::new(self.store, &self.publisher.catalogue, &self.planned, first.module.id);
        for (planned, plugins) in self.planned.iter().zip(&self.eager) {
            plan.add_due(planned, Eager { plugins, labels })?;
        }
        Ok(plan.finish())
    }

    /// What is to be searchable: the modules whose default label moves.
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

/// The label `name` as it is when it has gone to `commit`; `at` is when, and by whom.
pub(super) fn moved_label(
    store: &Store,
    module: &Module,
    name: LabelName,
    commit: CommitId,
    at: (Timestamp, OwnerId),
) -> Result<LabelMove, StoreError> {
    let known = store.label(module.id, &name)?;
    let (updated, updated_by) = at;
    let id = known.as_ref().map_or_else(ids::label, |label| label.id);
    let created = known.map_or(updated, |label| label.created);
    let label = Label { id, module: module.id, name, commit, created, updated, updated_by, archived: None };
    Ok(LabelMove { label })
}
