//! Moves labels without a push, and changes the default label: with the effects that a push has when it moves them.

use std::sync::{MutexGuard, PoisonError};

use super::new_ids;
use super::search_symbols::symbols;
use crate::model::{CommitId, LabelName, ModuleId, OwnerId, Timestamp};
use crate::publish::descriptors::DescriptorsError;
use crate::publish::queue::plan::{EagerRules, Plan};
use crate::publish::{Publisher, module_options};
use crate::store::{AuditEvent, IndexedModule, Label, LabelMove, Module, NewJob, SdkKey, Store, StoreError, WriteSet};

/// Labels as they are to be, without a push.
#[derive(Default)]
pub struct LabelChanges {
    /// Those that go to other commits, and new ones, with their modules.
    pub moves: Vec<(Module, LabelMove)>,
    /// Archived ones that are taken back into use at the commits where they are.
    pub unarchived: Vec<(Module, Label)>,
}

/// While it lives, no push moves a label.
pub struct PushLock<'a>(#[expect(dead_code, reason = "it is held, not looked at")] MutexGuard<'a, ()>);

impl Publisher {
    /// Locks the labels of all modules: code that reads the head of a label before moving it holds this lock meanwhile.
    /// Waits for pushes that hold it.
    #[must_use]
    pub fn lock_pushes(&self) -> PushLock<'_> {
        PushLock(self.pushing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stores labels that go to existing commits, all or none, each with its record in the audit log. Updates the search
    /// index if a default label moves, and queues the SDKs that a push to these labels would queue.
    ///
    /// # Errors
    /// When the store fails; nothing was stored then.
    pub fn change_labels(
        &self,
        _held: &PushLock<'_>,
        changes: &LabelChanges,
        (at, by): (Timestamp, OwnerId),
    ) -> Result<Vec<SdkKey>, StoreError> {
        let LabelChanges { moves, unarchived } = changes;
        if moves.is_empty() && unarchived.is_empty() {
            return Ok(vec![]);
        }
        let (jobs, due) = match moves.first() {
            Some((first, _)) => self.due_for(first.id, moves)?,
            None => (vec![], vec![]),
        };
        let mut indexed = vec![];
        for (module, LabelMove { label, .. }) in moves {
            if label.name == module.default_label {
                indexed.extend(self.declared(module, label)?);
            }
        }
        let labels = moves.iter().map(|(_, moved)| moved.clone()).collect();
        let write_set = WriteSet { commits: vec![], labels, jobs, indexed, at, by };
        self.store.transaction("change labels", |tx| {
            tx.push(&write_set)?;
            for (module, moved) in moves {
                tx.audit(&move_event(module, moved, (at, by)))?;
            }
            for (module, label) in unarchived {
                tx.set_label_archived(label.id, None, by)?;
                tx.audit(&event("label.unarchive", module, label.name.as_str(), (at, by)))?;
            }
            Ok::<_, StoreError>(())
        })?;
        self.wake();
        Ok(due)
    }

    /// Updates the search index of `module` after another label became its default label.
    pub fn index_default_label(&self, module: &Module, at: (Timestamp, OwnerId)) -> Result<(), StoreError> {
        let _held = self.lock_pushes();
        let indexed = match self.store.label(module.id, &module.default_label)? {
            Some(label) => self.declared(module, &label)?,
            // Nothing was pushed to it yet.
            None => Some(IndexedModule { module: module.id, symbols: vec![] }),
        };
        let (at, by) = at;
        let indexed = indexed.into_iter().collect();
        let write_set = WriteSet { commits: vec![], labels: vec![], jobs: vec![], indexed, at, by };
        self.store.transaction("index a module", |tx| tx.push(&write_set))
    }

    fn due_for(&self, lane: ModuleId, moves: &[(Module, LabelMove)]) -> Result<(Vec<NewJob>, Vec<SdkKey>), StoreError> {
        let mut plan = Plan::new(&self.store, &self.catalogue, &[], lane);
        for (_, LabelMove { label, .. }) in moves {
            let options = self.store.module_options(label.commit)?;
            let plugins = module_options::eager(&self.settings.eager, options.as_ref());
            let planned = plan.pushed_to(label.commit, &label.name)?;
            plan.add_due(&planned, EagerRules { plugins: &plugins, labels: &self.settings.eager_labels })?;
        }
        Ok(plan.finish())
    }

    /// The search index of `module` with its default label at the commit of `label`. `None` if that commit does not
    /// compile any more: the label may move there all the same.
    fn declared(&self, module: &Module, label: &Label) -> Result<Option<IndexedModule>, StoreError> {
        match self.descriptors(label.commit, None) {
            Ok(descriptors) => {
                Ok(Some(IndexedModule { module: module.id, symbols: symbols(&descriptors, &module.name) }))
            }
            Err(DescriptorsError::Store(error)) => Err(error),
            Err(error) => {
                tracing::warn!(module = %module.name, commit = %label.commit, %error, "not searchable");
                Ok(None)
            }
        }
    }
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

fn move_event(module: &Module, LabelMove { label, is_new }: &LabelMove, at: (Timestamp, OwnerId)) -> AuditEvent {
    let action = if *is_new { "label.create" } else { "label.move" };
    event(action, module, &format!("{} to {}", label.name, label.commit), at)
}

/// The record of what was done to a commit or label of `module`.
pub(super) fn event(action: &str, module: &Module, what: &str, (at, by): (Timestamp, OwnerId)) -> AuditEvent {
    AuditEvent { at, actor: Some(by), action: action.into(), subject: format!("{}:{what}", module.name) }
}
