//! What may be done to a label.

use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Label, Module};

/// What pointing a label at a commit takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve::rpc) enum Change {
    /// It is there already.
    Nothing,
    /// It is there, but archived.
    Unarchive,
    /// It has to move.
    Move,
}

/// What pointing `label`, whose commit is `head`, at `target` takes. A label goes forward only, because those who
/// follow it would otherwise get older code as an update.
///
/// # Errors
/// When `target` is older than `head`.
pub(in crate::serve::rpc) fn pointing(label: &Label, head: &Commit, target: &Commit) -> Answer<Change> {
    if target.id == head.id {
        return Ok(if label.archived.is_some() { Change::Unarchive } else { Change::Nothing });
    }
    if (target.created, target.id) > (head.created, head.id) {
        return Ok(Change::Move);
    }
    Err(Refusal::precondition(format!(
        "label {} points at commit {}, which is newer than {}; a label never moves back, push the older content again instead",
        label.name, head.id, target.id
    )))
}

/// Refuses to archive the default label: references without a label would lead nowhere.
///
/// # Errors
/// When `label` is the default label of its module.
pub(in crate::serve::rpc) fn archiving(module: &Module, label: &Label) -> Answer<()> {
    if module.default_label != label.name {
        return Ok(());
    }
    Err(Refusal::precondition(format!(
        "label {} is the default label of module {} and cannot be archived; give the module another default label first",
        label.name, module.name
    )))
}
