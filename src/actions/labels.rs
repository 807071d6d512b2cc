//! Points labels at commits, archives and unarchives them.

use std::collections::BTreeSet;

use super::access::{Access, require};
use super::actor::Actor;
use super::error::ActionError;
use crate::model::{CommitId, LabelName, UniqueNames};
use crate::publish::{BreakingMove, GateVerdict, LabelChanges, Publisher, new_ids};
use crate::store::{Commit, Label, LabelMove, Module, Store, StoreError};

/// A request to point a label at a commit of its module.
pub(crate) struct PointLabel {
    /// The module.
    pub(crate) module: Module,
    /// The label.
    pub(crate) place: LabelPlace,
    /// The commit.
    pub(crate) target: Commit,
}

/// A label that exists, or the name of a new one.
pub(crate) enum LabelPlace {
    /// The label exists, at this commit.
    Existing(Label, Box<Commit>),
    /// The label does not exist yet.
    New(LabelName),
}

/// The change that points a label at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pointing {
    /// No change: the label points at the commit.
    Nothing,
    /// The label points at the commit, but is archived.
    Unarchive,
    /// The label moves.
    Move,
}

/// Labels that point at their commits now.
pub(crate) struct Pointed {
    /// The labels.
    pub(crate) labels: Vec<(Module, Label)>,
    /// What the releases among them break, or bring under a name that another module has.
    pub(crate) warnings: Vec<String>,
}

/// Points labels at commits: all or none. Returns the labels after the change, and what to tell about it. `requested` reads the heads of the
/// labels; it runs while no push can move them, perhaps twice. `allow_breaking` lets admins move a default label although
/// the gate refuses it, which is recorded.
///
/// # Errors
/// When `requested` fails, the caller may not push to a module, a label would go to an older commit, or the gate refuses
/// the move of a default label.
pub(crate) fn point<E: From<ActionError> + From<StoreError>>(
    actor: &Actor<'_>,
    publisher: &Publisher,
    allow_breaking: bool,
    requested: impl Fn() -> Result<Vec<PointLabel>, E>,
) -> Result<Pointed, E> {
    let by = actor.author()?;
    let (mut labels, mut passed) = (vec![], BTreeSet::new());
    let (mut breaking, mut warnings) = (vec![], vec![]);
    loop {
        let mut releases = vec![];
        publisher.change_labels((actor.at, by), || {
            let (changes, changed) = label_changes(actor, allow_breaking, requested()?)?;
            releases = new_releases(actor.store, &changes)?;
            releases.retain(|release| !passed.contains(&(release.head, release.target)));
            if !releases.is_empty() {
                return Ok(LabelChanges::default());
            }
            labels = changed;
            Ok::<_, E>(LabelChanges { breaking: breaking.clone(), ..changes })
        })?;
        if releases.is_empty() {
            break;
        }
        // Commits are compiled and compared while pushes go on; what moved meanwhile is seen in the next round.
        for Release { module, head, target } in releases {
            match publisher.names_taken_by_move(&module, target)? {
                Some((UniqueNames::Refuse, taken)) => return Err(ActionError::NamesTaken(Box::new(taken)).into()),
                taken => warnings.extend(taken.map(|(_, taken)| taken.to_string())),
            }
            let verdict = match head {
                Some(head) => publisher.judge_move(&module, head, target).map_err(ActionError::from)?,
                None => GateVerdict::Passed,
            };
            let (changes, allowed) = match verdict {
                GateVerdict::Passed => (None, false),
                GateVerdict::Refused(changes) if !allow_breaking => {
                    return Err(ActionError::ReleaseBreaks(changes).into());
                }
                GateVerdict::Refused(changes) => (Some(*changes), true),
                GateVerdict::Warned(changes) => (Some(*changes), false),
            };
            if let Some(changes) = changes {
                warnings.push(changes.to_string());
                breaking.push(BreakingMove { module, target, changes, allowed });
            }
            passed.insert((head, target));
        }
    }
    actor.observer.content_changed();
    Ok(Pointed { labels, warnings })
}

/// The move of a default label: a release without a push.
struct Release {
    module: Module,
    /// The head before; none if nothing was released yet.
    head: Option<CommitId>,
    target: CommitId,
}

fn new_releases(store: &Store, changes: &LabelChanges) -> Result<Vec<Release>, StoreError> {
    let mut releases = vec![];
    for (module, LabelMove { label, .. }) in &changes.moves {
        if label.name == module.default_label {
            let head = store.label(module.id, &label.name)?.map(|now| now.commit);
            releases.push(Release { module: module.clone(), head, target: label.commit });
        }
    }
    Ok(releases)
}

/// The changes that point labels at commits, and the labels after them.
fn label_changes(
    actor: &Actor<'_>,
    allow_breaking: bool,
    requested: Vec<PointLabel>,
) -> Result<(LabelChanges, Vec<(Module, Label)>), ActionError> {
    let by = actor.user()?.id;
    let (mut changes, mut labels) = (LabelChanges::default(), vec![]);
    for PointLabel { module, place, target } in requested {
        require_right(actor, &module, allow_breaking)?;
        let moved = |id, name, created| {
            let (commit, updated) = (target.id, actor.at);
            Label { id, module: module.id, name, commit, created, updated, updated_by: by, archived: None }
        };
        let label = match place {
            LabelPlace::New(name) => {
                let label = moved(new_ids::label(), name, actor.at);
                changes.moves.push((module.clone(), LabelMove { label: label.clone(), is_new: true }));
                label
            }
            LabelPlace::Existing(label, head) => match pointing(&label, &head, &target)? {
                Pointing::Nothing => label,
                Pointing::Unarchive => {
                    let label = Label { archived: None, ..label };
                    changes.unarchived.push((module.clone(), label.clone()));
                    label
                }
                Pointing::Move => {
                    let label = moved(label.id, label.name, label.created);
                    changes.moves.push((module.clone(), LabelMove { label: label.clone(), is_new: false }));
                    label
                }
            },
        };
        labels.push((module, label));
    }
    Ok((changes, labels))
}

/// The change that points `label`, which is at `head`, at `target`. A label moves forward only, because its users would
/// otherwise get older code as an update.
///
/// # Errors
/// When `target` is older than `head`.
pub(crate) fn pointing(label: &Label, head: &Commit, target: &Commit) -> Result<Pointing, ActionError> {
    if target.id == head.id {
        return Ok(if label.archived.is_some() { Pointing::Unarchive } else { Pointing::Nothing });
    }
    if (target.created, target.id) > (head.created, head.id) {
        return Ok(Pointing::Move);
    }
    Err(ActionError::LabelGoesBack { label: label.name.clone(), head: head.id, target: target.id })
}

/// Archives or unarchives labels: all or none. Labels that are in that state already stay as they are.
///
/// # Errors
/// When the caller may not push to a module, or a label to be archived is the default label.
pub(crate) fn set_archived(actor: &Actor<'_>, labels: &[(Module, Label)], archived: bool) -> Result<(), ActionError> {
    let by = actor.user()?.id;
    for (module, label) in labels {
        require_right(actor, module, false)?;
        if archived {
            check_archivable(module, label)?;
        }
    }
    let (action, since) = if archived { ("label.archive", Some(actor.at)) } else { ("label.unarchive", None) };
    actor.store.transaction("archive labels", |tx| {
        for (module, label) in labels.iter().filter(|(_, label)| label.archived.is_some() != archived) {
            tx.set_label_archived(label.id, since, by)?;
            tx.audit(&actor.event(action, format!("{}:{}", module.name, label.name)))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(())
}

/// Refuses to archive the default label, which references without a label need.
///
/// # Errors
/// When `label` is the default label of its module.
pub(crate) fn check_archivable(module: &Module, label: &Label) -> Result<(), ActionError> {
    if module.default_label != label.name {
        return Ok(());
    }
    Err(ActionError::ArchivedDefault { module: module.name.clone(), label: label.name.clone() })
}

fn require_right(actor: &Actor<'_>, module: &Module, allow_breaking: bool) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    if allow_breaking {
        let doing = format!("release breaking changes of module {}", module.name);
        return require(actor.store, actor.caller, module.owner, Access::Admin, &doing);
    }
    let doing = format!("change labels of module {}", module.name);
    require(actor.store, actor.caller, module.owner, Access::Write, &doing)
}
