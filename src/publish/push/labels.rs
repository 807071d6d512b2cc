//! Moves labels without a push, and changes the default label; both have the same effects as a push that moves labels.

use std::collections::BTreeMap;

use super::gate::breaking_changes::BreakingChanges;
use super::search_symbols::symbols;
use super::webhook_news::breaking_news;
use crate::model::{CommitId, LabelName, ModuleId, OwnerId, Timestamp};
use crate::publish::descriptors::DescriptorsError;
use crate::publish::new_ids;
use crate::publish::queue::plan::{EagerRules, Plan};
use crate::publish::{Publisher, commit_options};
use crate::store::{
    AuditEvent, Author, HistoryStep, IndexedModule, IndexedSymbol, Label, LabelMove, Module, NewJob, PushTurn, SdkKey,
    Store, StoreError, WriteSet,
};

/// How often changes of labels are decided again because another node was faster.
const ATTEMPTS: usize = 64;

/// Changes of labels without a push.
#[derive(Default)]
pub struct LabelChanges {
    /// Labels that move to other commits, and new labels, with their modules.
    pub moves: Vec<(Module, LabelMove)>,
    /// Archived labels that are unarchived, and stay at their commits.
    pub unarchived: Vec<(Module, Label)>,
    /// What moves of default labels break.
    pub breaking: Vec<BreakingMove>,
}

/// A move of a default label that breaks users of its head before.
#[derive(Clone)]
pub struct BreakingMove {
    /// The module.
    pub module: Module,
    /// The commit that becomes the head.
    pub target: CommitId,
    /// What breaks.
    pub changes: BreakingChanges,
    /// Whether the gate refuses it, and an admin lets it through.
    pub allowed: bool,
}

/// A default label that moves.
struct DefaultMove {
    module: Module,
    /// The commit that the module's history ends with.
    before: Option<CommitId>,
    commit: CommitId,
}

/// What is kept of the head of a default label.
struct Described {
    symbols: Vec<IndexedSymbol>,
    step: HistoryStep,
}

/// What is kept of the commits that default labels move to, by the commit before and theirs. `None` if the commit does
/// not compile any more.
type Descriptions = BTreeMap<(Option<CommitId>, CommitId), Option<Described>>;

/// The entries of the search index and the steps of the histories of modules.
#[derive(Default)]
struct HeadRecords {
    indexed: Vec<IndexedModule>,
    steps: Vec<(ModuleId, CommitId, HistoryStep)>,
}

impl Publisher {
    /// Stores labels that go to existing commits, all or none, each with its record in the audit log. Updates the search
    /// index if a default label moves, and queues the SDKs that a push to these labels would queue.
    ///
    /// `plan` reads the heads of the labels and decides the changes. It runs during a turn, and runs again when a commit
    /// had to be compiled for the search index, because pushes go on while it compiles, or when another node moved heads.
    ///
    /// # Errors
    /// When `plan` or the store fails; nothing was stored then.
    pub fn change_labels<E: From<StoreError>>(
        &self,
        (at, by): (Timestamp, Author),
        mut plan: impl FnMut() -> Result<LabelChanges, E>,
    ) -> Result<Vec<SdkKey>, E> {
        let mut known = Descriptions::new();
        let mut attempts = 0..ATTEMPTS;
        loop {
            let turn = self.take_turn()?;
            let changes = plan()?;
            let moves = self.default_label_moves(&changes)?;
            let missing: Vec<_> = moves.iter().filter(|moved| !known.contains_key(&moved.key())).collect();
            if missing.is_empty() {
                match self.store_changes(&changes, head_records(&moves, &mut known), (at, by), turn.of_store) {
                    Err(StoreError::Overtaken) if attempts.next().is_some() => continue,
                    stored => return Ok(stored?),
                }
            }
            drop(turn);
            for moved in missing {
                known.insert(moved.key(), self.describe(moved)?);
            }
        }
    }

    fn store_changes(
        &self,
        changes: &LabelChanges,
        HeadRecords { indexed, steps }: HeadRecords,
        (at, by): (Timestamp, Author),
        turn: PushTurn,
    ) -> Result<Vec<SdkKey>, StoreError> {
        let LabelChanges { moves, unarchived, breaking } = changes;
        if moves.is_empty() && unarchived.is_empty() {
            return Ok(vec![]);
        }
        let (jobs, due) = match moves.first() {
            Some((first, _)) => self.due_for(first.id, moves)?,
            None => (vec![], vec![]),
        };
        let labels = moves.iter().map(|(_, moved)| moved.clone()).collect();
        let write_set = WriteSet { commits: vec![], labels, jobs, indexed, at, by: by.user };
        let labels = moves.iter().map(|(_, moved)| &moved.label).chain(unarchived.iter().map(|(_, label)| label));
        let changed: Vec<_> = labels.map(|label| label.module).collect();
        self.store.transaction_in(&changed, "change labels", |tx| {
            tx.push(&write_set, turn)?;
            steps.iter().try_for_each(|(module, head, step)| tx.put_history(*module, *head, step))?;
            for (module, moved) in moves {
                tx.audit(&move_event(module, moved, (at, by)))?;
            }
            for BreakingMove { module, target, changes, allowed } in breaking {
                tx.audit(&breaking_event(module, *target, changes, *allowed, (at, by)))?;
                tx.announce(&breaking_news(module, *target, changes, *allowed), at)?;
            }
            for (module, label) in unarchived {
                tx.set_label_archived(label.id, None, by.user)?;
                tx.audit(&event("label.unarchive", module, label.name.as_str(), (at, by)))?;
            }
            Ok::<_, StoreError>(())
        })?;
        self.wake(&changed);
        Ok(due)
    }

    /// Updates the search index of a module after another label became its default label. Compiles the label's commit
    /// between two turns.
    ///
    /// # Errors
    /// When the store fails.
    pub fn index_default_label(&self, module_id: ModuleId, (at, by): (Timestamp, OwnerId)) -> Result<(), StoreError> {
        let mut known = Descriptions::new();
        let mut attempts = 0..ATTEMPTS;
        loop {
            let turn = self.take_turn()?;
            // Another caller may have changed the default label, or deleted the module.
            let Some(module) = self.store.module_by_id(module_id)? else { return Ok(()) };
            let records = match self.store.label(module.id, &module.default_label)? {
                // Nothing was pushed to it yet.
                None => {
                    let indexed = vec![IndexedModule { module: module.id, symbols: vec![] }];
                    HeadRecords { indexed, steps: vec![] }
                }
                Some(label) => {
                    let before = self.store.history(module.id)?.map(|history| history.head);
                    let moved = DefaultMove { module, before, commit: label.commit };
                    let is_known = known.contains_key(&moved.key());
                    if !is_known {
                        drop(turn);
                        known.insert(moved.key(), self.describe(&moved)?);
                        continue;
                    }
                    head_records(&[moved], &mut known)
                }
            };
            let HeadRecords { indexed, steps } = records;
            let write_set = WriteSet { commits: vec![], labels: vec![], jobs: vec![], indexed, at, by };
            let indexed = self.store.transaction_in(&[module_id], "index a module", |tx| {
                tx.push(&write_set, turn.of_store)?;
                // Without a history before, nobody knows what the label held.
                let step = |step| if matches!(step, &HistoryStep::First) { &HistoryStep::Unknown } else { step };
                steps.iter().try_for_each(|(module, head, it)| tx.put_history(*module, *head, step(it)))
            });
            match indexed {
                Err(StoreError::Overtaken) if attempts.next().is_some() => {}
                indexed => return indexed,
            }
        }
    }

    /// The default labels that move.
    fn default_label_moves(&self, changes: &LabelChanges) -> Result<Vec<DefaultMove>, StoreError> {
        let mut found = vec![];
        for (_, LabelMove { label, .. }) in &changes.moves {
            let module = self.store.module_by_id(label.module)?;
            let Some(module) = module.filter(|it| it.default_label == label.name) else { continue };
            let before = match self.store.history(module.id)? {
                Some(history) => Some(history.head),
                None => self.store.label(module.id, &label.name)?.map(|label| label.commit),
            };
            found.push(DefaultMove { module, before, commit: label.commit });
        }
        Ok(found)
    }

    fn due_for(&self, lane: ModuleId, moves: &[(Module, LabelMove)]) -> Result<(Vec<NewJob>, Vec<SdkKey>), StoreError> {
        let mut plan = Plan::new(&self.store, &self.catalogue, &[], lane);
        for (_, LabelMove { label, .. }) in moves {
            let options = self.store.module_options(label.commit)?;
            let plugins = commit_options::eager(&self.settings.eager, options.as_ref());
            let planned = plan.pushed_to(label.commit, &label.name)?;
            plan.add_due(&planned, EagerRules { plugins: &plugins, labels: &self.settings.eager_labels })?;
        }
        Ok(plan.finish())
    }

    /// What is kept of the commit. `None` if it does not compile any more: the default label may move there all the same.
    fn describe(&self, moved: &DefaultMove) -> Result<Option<Described>, StoreError> {
        let DefaultMove { module, before, commit } = moved;
        match self.descriptors(*commit, None) {
            Ok(descriptors) => {
                let step = self.history_step(&module.name, *before, &descriptors)?;
                Ok(Some(Described { symbols: symbols(&descriptors, &module.name), step }))
            }
            Err(DescriptorsError::Store(error)) => Err(error),
            Err(error) => {
                tracing::warn!(module = %module.name, %commit, %error, "the commit does not compile, so the search index keeps the symbols of an older one");
                Ok(None)
            }
        }
    }
}

impl DefaultMove {
    fn key(&self) -> (Option<CommitId>, CommitId) {
        (self.before, self.commit)
    }
}

/// What is stored of modules whose default labels move, taken from `known`. A module whose commit does not compile keeps
/// what it has.
fn head_records(moves: &[DefaultMove], known: &mut Descriptions) -> HeadRecords {
    let mut records = HeadRecords::default();
    for moved in moves {
        let Some(Described { symbols, step }) = known.remove(&moved.key()).flatten() else { continue };
        records.indexed.push(IndexedModule { module: moved.module.id, symbols });
        records.steps.push((moved.module.id, moved.commit, step));
    }
    records
}

/// The label `name` after its move to `commit`; `at` is the time and the user of the move.
pub(in crate::publish) fn moved_label(
    store: &Store,
    module: &Module,
    name: LabelName,
    commit: CommitId,
    at: (Timestamp, OwnerId),
) -> Result<LabelMove, StoreError> {
    let known = store.label(module.id, &name)?;
    let is_new = known.is_none();
    let (updated, updated_by) = at;
    let id = known.as_ref().map_or_else(new_ids::label, |label| label.id);
    let created = known.map_or(updated, |label| label.created);
    let label = Label { id, module: module.id, name, commit, created, updated, updated_by, archived: None };
    Ok(LabelMove { label, is_new })
}

fn move_event(module: &Module, LabelMove { label, is_new }: &LabelMove, at: (Timestamp, Author)) -> AuditEvent {
    let action = if *is_new { "label.create" } else { "label.move" };
    event(action, module, &format!("{} to {}", label.name, label.commit), at)
}

/// The record of a release that breaks; `allowed` if the gate refuses that, and an admin let it through.
pub(super) fn breaking_event(
    module: &Module,
    commit: CommitId,
    changes: &BreakingChanges,
    allowed: bool,
    at: (Timestamp, Author),
) -> AuditEvent {
    let action = if allowed { "commit.allow-breaking" } else { "commit.breaking" };
    let categories: Vec<_> = changes.categories.iter().map(ToString::to_string).collect();
    event(action, module, &format!("{commit} breaks {}", categories.join(", ")), at)
}

/// The record of an action on a commit or label of `module`, for the audit log.
pub(super) fn event(action: &str, module: &Module, what: &str, (at, by): (Timestamp, Author)) -> AuditEvent {
    let subject = format!("{}:{what}", module.name);
    AuditEvent { at, actor: Some(by.user), source: by.source, action: action.into(), subject }
}
