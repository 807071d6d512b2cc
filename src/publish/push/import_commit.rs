//! Imports a commit of another registry under its own id, if its content matches its digest.

use bytes::Bytes;

use super::compile_commit::compile_commit;
use super::dependencies::{Dependencies, DependencyError};
use super::gate::Ungated;
use super::labels::{LabelChanges, event, moved_label};
use super::search_symbols::symbols;
use super::webhook_news::push_news;
use crate::compile::{CompileError, Compiled};
use crate::model::{
    CommitId, FilePath, FilesDigest, ForeignCommit, ForeignDependency, LabelName, ModuleDigest, ModuleFile,
    ModuleOptions, Snapshot, SnapshotError, Timestamp,
};
use crate::module::{b4_digest, files_digest, module_digest};
use crate::publish::Publisher;
use crate::publish::clock::mirrored_time;
use crate::publish::commit_options::{self, ModuleOptionsError};
use crate::publish::numbered_names::named_outline;
use crate::publish::queue::plan::{EagerRules, Plan, PlannedCommit};
use crate::store::{
    Author, Commit, Dependency, HistoryStep, IndexedModule, LabelMove, Module, NewCommit, PushTurn, SdkKey, Store,
    StoreError, Viewer, WriteSet,
};

/// How often an import is decided again because another node was faster.
const ATTEMPTS: usize = 16;

/// A commit to import.
pub struct Import {
    /// The module of this registry.
    pub module: Module,
    /// The commit of the other registry.
    pub commit: ForeignCommit,
    /// Labels to move to this commit, unless they already point at a newer one; the default label if empty.
    pub labels: Vec<LabelName>,
    /// The user that imports it.
    pub by: Author,
    /// The viewer that must be allowed to read its dependencies; without one there is no restriction.
    pub viewer: Option<Viewer>,
    /// Whether it came from upstream for a push, rather than at somebody's request.
    pub is_fetched: bool,
}

/// The result of an import.
pub struct Imported {
    /// The commit in this registry.
    pub commit: Commit,
    /// Whether this import created it.
    pub created: bool,
    /// The labels that moved to it.
    pub moved: Vec<LabelName>,
    /// The SDKs that are due for the commit.
    pub sdks: Vec<SdkKey>,
    /// The module options that this registry cannot fulfil; its crates are made without them.
    pub unmet: Option<ModuleOptionsError>,
}

/// Why a commit was not imported. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// This registry has a commit of that id with other content or of another module.
    #[error("commit {0} is in this registry already, with other content or of another module; it was not replaced")]
    Taken(CommitId),
    /// The content does not match the digest.
    #[error(
        "commit {commit} should have digest {claimed}, but its files and dependencies have {found}: they were changed \
         on the way, or the source is not what it claims to be; nothing was stored"
    )]
    Digest {
        /// The commit.
        commit: CommitId,
        /// The digest by the other registry.
        claimed: Box<ModuleDigest>,
        /// The digest that was computed here.
        found: Box<ModuleDigest>,
    },
    /// The files match the digest, but not the b4 digest.
    #[error(
        "commit {commit} should have b4 digest {claimed}, but its files, with its buf.yaml and buf.lock, have \
         {found}: they were changed on the way, or the source is not what it claims to be; nothing was stored"
    )]
    OlderDigest {
        /// The commit.
        commit: CommitId,
        /// The digest by the other registry.
        claimed: Box<FilesDigest>,
        /// The digest that was computed here.
        found: Box<FilesDigest>,
    },
    /// A dependency that is not in this registry yet.
    #[error("commit {commit} depends on commit {missing}, which is not in this registry; import that commit first")]
    MissingDependency {
        /// The commit.
        commit: CommitId,
        /// The missing dependency.
        missing: CommitId,
    },
    /// A commit that depends on another commit of the same module.
    #[error("commit {0} depends on a commit of its own module, which no module can")]
    OwnModule(CommitId),
    /// The files are not a valid module.
    #[error("commit {0}: {1}")]
    Files(CommitId, SnapshotError),
    /// The sources do not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The dependencies do not fit together.
    #[error(transparent)]
    Dependency(#[from] DependencyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new commit, checked and compiled.
struct CheckedCommit {
    snapshot: Snapshot,
    dependencies: Vec<Dependency>,
    compiled: Compiled,
    symbols: IndexedModule,
    commit: Commit,
    unmet: Option<ModuleOptionsError>,
    verdict: Option<Ungated>,
    history: HistoryStep,
}

impl Publisher {
    /// Imports a commit. When this returns, the commit is durable and its SDKs are being made.
    ///
    /// # Errors
    /// When the commit is refused; nothing was stored then.
    pub fn import(&self, import: &Import) -> Result<Imported, ImportError> {
        let mut attempts = 0..ATTEMPTS;
        loop {
            match self.import_in_a_turn(import) {
                Err(ImportError::Store(StoreError::Overtaken)) if attempts.next().is_some() => {}
                imported => return imported,
            }
        }
    }

    fn import_in_a_turn(&self, import: &Import) -> Result<Imported, ImportError> {
        let checked = match self.known(import)? {
            Some(_) => None,
            None => Some(self.checked(import)?),
        };
        // Between reading the heads and moving them, no push may move labels, and no other import may store the same
        // commit.
        let turn = self.take_turn()?;
        let imported = match (self.known(import)?, checked) {
            (None, Some(checked)) => self.take_in(import, checked, turn.of_store)?,
            (Some(commit), _) => {
                drop(turn);
                return self.bring_forward(import, commit);
            }
            (None, None) => return Err(StoreError::Missing(format!("commit {}", import.commit.id)).into()),
        };
        drop(turn);
        self.wake(&[import.module.id]);
        Ok(imported)
    }

    /// The commit in this registry, if it exists.
    fn known(&self, import: &Import) -> Result<Option<Commit>, ImportError> {
        let Some(known) = self.store.commit(import.commit.id)? else { return Ok(None) };
        if known.module != import.module.id || known.digest != import.commit.digest {
            return Err(ImportError::Taken(known.id));
        }
        Ok(Some(known))
    }

    /// Everything that needs no lock: the check of the digests, and compiling.
    fn checked(&self, import: &Import) -> Result<CheckedCommit, ImportError> {
        let foreign = &import.commit;
        let (options, unmet) = self.options(foreign);
        let snapshot = self.snapshot(foreign, options).map_err(|error| ImportError::Files(foreign.id, error))?;
        let needed = dependencies(&self.store, import)?;
        let files_digest = files_digest(&snapshot);
        let digests: Vec<_> = needed.iter().map(|commit| commit.digest).collect();
        let found = module_digest(files_digest, &digests);
        if found != foreign.digest {
            let (claimed, found) = (Box::new(foreign.digest), Box::new(found));
            return Err(ImportError::Digest { commit: foreign.id, claimed, found });
        }
        check_b4_digest(foreign, &snapshot)?;
        let compiled = self.compile_import(import, &snapshot, &needed)?;
        let frozen = |needed: &ForeignDependency| Dependency { commit: needed.commit, direct: needed.direct };
        let commit = Commit {
            id: foreign.id,
            module: import.module.id,
            created: foreign.created,
            released: import.is_release(),
            files_digest,
            digest: found,
            created_by: import.by.user,
            source_control_url: foreign.source_control_url.clone(),
        };
        let dependencies = foreign.dependencies.iter().map(frozen).collect();
        let head = self.replaced(import, foreign.created)?;
        let verdict = match head {
            Some(head) => self.ungated((&import.module.name, import.is_release()), head, &compiled.descriptors)?,
            None => None,
        };
        let symbols =
            IndexedModule { module: import.module.id, symbols: symbols(&compiled.descriptors, &import.module.name) };
        let history = match import.is_release() {
            true => self.history_step(&import.module.name, head, &compiled.descriptors)?,
            false => HistoryStep::Unknown,
        };
        Ok(CheckedCommit { snapshot, dependencies, compiled, symbols, commit, unmet, verdict, history })
    }

    /// The head of its label that a commit of this time replaces, if it does.
    fn replaced(&self, import: &Import, created: Timestamp) -> Result<Option<CommitId>, StoreError> {
        let targets = import.targets();
        let label = if import.is_release() { Some(&import.module.default_label) } else { targets.first() };
        let Some(label) = label else { return Ok(None) };
        let Some(label) = self.store.label(import.module.id, label)? else { return Ok(None) };
        let head = self.store.commit(label.commit)?;
        Ok(head.filter(|head| head.created < created).map(|head| head.id))
    }

    /// The module options of the commit, if this registry can fulfil them: another server may have other plugins.
    /// `None` if the other server does not know module options, so that the options of the label's head are inherited.
    fn options(&self, foreign: &ForeignCommit) -> (Option<ModuleFile>, Option<ModuleOptionsError>) {
        let (Some(content), Ok(path)) = (&foreign.options, ModuleOptions::FILE.parse::<FilePath>()) else {
            return (None, None);
        };
        let file = ModuleFile { path, content: content.clone() };
        match commit_options::check(&self.catalogue, &self.settings.eager, Some(&file)) {
            Ok(()) => (Some(file), None),
            Err(unmet) => {
                tracing::warn!(commit = %foreign.id, %unmet, "a mirrored commit has module options that this registry cannot fulfil");
                (Some(ModuleFile { content: Bytes::new(), ..file }), Some(unmet))
            }
        }
    }

    fn snapshot(&self, foreign: &ForeignCommit, options: Option<ModuleFile>) -> Result<Snapshot, SnapshotError> {
        let limits = &self.settings.limits;
        let files = foreign.files.iter().cloned().chain(options).collect();
        Snapshot::new(files, limits)?.with_v1_files(foreign.v1_files.clone(), limits)
    }

    fn compile_import(&self, import: &Import, snapshot: &Snapshot, needed: &[Commit]) -> Result<Compiled, ImportError> {
        let name = &import.module.name;
        let ids: Vec<_> = needed.iter().map(|commit| commit.id).collect();
        let dependencies = Dependencies::load(&self.store, &ids, std::slice::from_ref(name), import.viewer)?;
        let earlier = self.earlier.get(&import.module.id).unwrap_or_default();
        Ok(compile_commit(&[(name, snapshot)], &dependencies, &earlier, &self.settings.limits)?)
    }

    fn take_in(&self, import: &Import, checked: CheckedCommit, turn: PushTurn) -> Result<Imported, ImportError> {
        let CheckedCommit { snapshot, dependencies, compiled, symbols, mut commit, unmet, verdict, history } = checked;
        let newest = self.store.latest_created(import.module.id)?;
        let now = self.clock.now();
        commit.created = mirrored_time(commit.created, now, newest, commit.released);
        let moves = self.moves(import, &commit, now)?;
        let options = commit_options::decided(&self.store, &import.module, &snapshot, &import.targets())?;
        let plugins = commit_options::eager(&self.settings.eager, options.as_ref());
        let services = compiled.descriptors.has_services(&import.module.name);
        let planned = PlannedCommit {
            module: import.module.clone(),
            commit: commit.clone(),
            labels: import.targets(),
            services,
            dependencies: dependencies.iter().map(|dependency| dependency.commit).collect(),
        };
        let mut plan = Plan::new(&self.store, &self.catalogue, std::slice::from_ref(&planned), import.module.id);
        let eager = EagerRules { plugins: &plugins, labels: &self.settings.eager_labels };
        plan.add_due(&planned, eager)?;
        let (jobs, sdks) = plan.finish();
        let record = WriteSet {
            commits: vec![NewCommit { commit: commit.clone(), snapshot: &snapshot, options, services, dependencies }],
            indexed: indexed(import, &moves, symbols),
            labels: moves,
            jobs,
            at: now,
            by: import.by.user,
        };
        let outline = named_outline(&compiled.descriptors, &import.module.name);
        let action = if import.is_fetched { "commit.fetch" } else { "commit.import" };
        let event = event(action, &import.module, &commit.id.to_string(), (now, import.by));
        let news = push_news(&self.store, (&import.module, &commit), true, &record.labels, import.by)?;
        self.store.transaction_in(&[import.module.id], "store the commit", |tx| {
            tx.push(&record, turn)?;
            tx.put_outline(commit.id, &outline)?;
            news.iter().try_for_each(|news| tx.announce(news, now))?;
            record.indexed.iter().try_for_each(|indexed| tx.put_history(indexed.module, commit.id, &history))?;
            if let Some(Ungated { breaks, changes }) = &verdict {
                tx.put_commit_changes(commit.id, changes)?;
                breaks.iter().try_for_each(|verdict| tx.put_verdict(commit.id, verdict))?;
            }
            tx.audit(&event)
        })?;
        let moved = record.labels.into_iter().map(|moved| moved.label.name).collect();
        self.remember(compiled, std::slice::from_ref(&commit), std::slice::from_ref(&import.module.name));
        Ok(Imported { commit, created: true, moved, sdks, unmet })
    }

    /// Moves labels to a commit that is in this registry already.
    fn bring_forward(&self, import: &Import, commit: Commit) -> Result<Imported, ImportError> {
        let now = self.clock.now();
        let mut moved = vec![];
        let sdks = self.change_labels((now, import.by), || {
            let moves = self.moves(import, &commit, now)?;
            moved = moves.iter().map(|moved| moved.label.name.clone()).collect();
            let moves = moves.into_iter().map(|moved| (import.module.clone(), moved)).collect();
            Ok::<_, StoreError>(LabelChanges { moves, ..LabelChanges::default() })
        })?;
        Ok(Imported { commit, created: false, moved, sdks, unmet: None })
    }

    /// The labels that move to `commit`: new labels, and labels at an older commit. A label never moves back, so
    /// importing an old commit that a lock file pins does not replace the newest content.
    fn moves(&self, import: &Import, commit: &Commit, now: Timestamp) -> Result<Vec<LabelMove>, StoreError> {
        let mut moves = vec![];
        for name in import.targets() {
            let head = match self.store.label(import.module.id, &name)? {
                Some(label) => self.store.commit(label.commit)?,
                None => None,
            };
            if head.is_none_or(|head| head.created < commit.created) {
                moves.push(moved_label(&self.store, &import.module, name, commit.id, (now, import.by.user))?);
            }
        }
        Ok(moves)
    }
}

impl Import {
    fn targets(&self) -> Vec<LabelName> {
        if self.labels.is_empty() { vec![self.module.default_label.clone()] } else { self.labels.clone() }
    }

    fn is_release(&self) -> bool {
        self.targets().contains(&self.module.default_label)
    }
}

/// Checks the files against the b4 digest, by which v1 lock files pin the commit.
fn check_b4_digest(foreign: &ForeignCommit, snapshot: &Snapshot) -> Result<(), ImportError> {
    let Some(claimed) = foreign.b4_digest else { return Ok(()) };
    let found = b4_digest(snapshot);
    if found == claimed {
        return Ok(());
    }
    let (claimed, found) = (Box::new(claimed), Box::new(found));
    Err(ImportError::OlderDigest { commit: foreign.id, claimed, found })
}

/// The dependencies of the import, which must all exist here.
fn dependencies(store: &Store, import: &Import) -> Result<Vec<Commit>, ImportError> {
    let commit = import.commit.id;
    let ids: Vec<_> = import.commit.dependencies.iter().map(|dependency| dependency.commit).collect();
    let mut needed = Vec::with_capacity(ids.len());
    for (found, missing) in store.commits(&ids)?.into_iter().zip(ids) {
        let found = found.ok_or(ImportError::MissingDependency { commit, missing })?;
        if found.module == import.module.id {
            return Err(ImportError::OwnModule(commit));
        }
        if !store.may_read(import.viewer, found.module)? {
            return Err(ImportError::MissingDependency { commit, missing });
        }
        needed.push(found);
    }
    Ok(needed)
}

/// The module's symbols for the search index, if the default label moves.
fn indexed(import: &Import, moves: &[LabelMove], symbols: IndexedModule) -> Vec<IndexedModule> {
    let default = moves.iter().any(|moved| moved.label.name == import.module.default_label);
    default.then_some(symbols).into_iter().collect()
}
