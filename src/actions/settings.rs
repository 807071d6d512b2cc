//! Settings of modules and owners: the gate before a release, and names that must be unique.

use super::access::{Access, require};
use super::actor::Actor;
use super::error::ActionError;
use crate::model::{GatePolicy, UniqueNames};
use crate::store::{Module, Owner, OwnerSettings};

/// The word that takes a setting back.
const DEFAULT: &str = "default";

/// Changes of the settings of an owner; an absent field stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnerSettingsChange {
    /// The gate; the inner value is none for that of the server.
    pub(crate) breaking: Option<Option<GatePolicy>>,
    /// What is done with names that another module of the owner has.
    pub(crate) unique_names: Option<UniqueNames>,
}

/// Reads a gate as people write it; none for `default` or nothing.
///
/// # Errors
/// When the text is no gate.
pub(crate) fn gate(text: &str) -> Result<Option<GatePolicy>, ActionError> {
    match text.trim() {
        "" | DEFAULT => Ok(None),
        words => Ok(Some(words.parse()?)),
    }
}

/// Reads the word for names that must be unique.
///
/// # Errors
/// When the text is no such word.
pub(crate) fn unique_names(text: &str) -> Result<UniqueNames, ActionError> {
    Ok(text.trim().parse()?)
}

/// Gives a module a gate of its own, or takes it away.
///
/// # Errors
/// When the caller does not administer the module.
pub(crate) fn set_module_gate(
    actor: &Actor<'_>,
    module: &Module,
    gate: Option<&GatePolicy>,
) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    let doing = format!("change the settings of module {}", module.name);
    require(actor.store, actor.caller, module.owner, Access::Admin, &doing)?;
    actor.store.transaction("change settings", |tx| {
        let before = tx.set_module_gate(module.id, gate)?;
        if before.as_ref() != gate {
            let (now, was) = (word(gate), word(before.as_ref()));
            tx.audit(&actor.event("module.gate", format!("{}: {now}, was {was}", module.name)))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(())
}

/// Changes the settings of an owner.
///
/// # Errors
/// When the caller does not administer the owner.
pub(crate) fn update_owner(actor: &Actor<'_>, owner: &Owner, change: OwnerSettingsChange) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    let doing = format!("change the settings of {}", owner.name);
    require(actor.store, actor.caller, owner.id, Access::Admin, &doing)?;
    actor.store.transaction("change settings", |tx| {
        let before = tx.owner_settings(owner.id)?;
        let mut settings = before.clone();
        if let Some(breaking) = &change.breaking {
            settings.breaking.clone_from(breaking);
        }
        if let Some(unique_names) = change.unique_names.filter(|word| *word != before.unique_names.unwrap_or_default())
        {
            settings.unique_names = Some(unique_names);
        }
        if settings == before {
            return Ok(());
        }
        tx.set_owner_settings(owner.id, &settings)?;
        let subject = format!("{}: {}", owner.name, differences(&before, &settings).join("; "));
        tx.audit(&actor.event("owner.settings", subject))?;
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(())
}

/// What changed, for the audit log.
fn differences(before: &OwnerSettings, now: &OwnerSettings) -> Vec<String> {
    let gates = [now, before].map(|settings| word(settings.breaking.as_ref()));
    let names = [now, before].map(|settings| settings.unique_names.unwrap_or_default().to_string());
    let changed = [("breaking", gates), ("unique-names", names)].into_iter().filter(|(_, [now, was])| now != was);
    changed.map(|(name, [now, was])| format!("{name} {now}, was {was}")).collect()
}

fn word(gate: Option<&GatePolicy>) -> String {
    gate.map_or_else(|| DEFAULT.to_owned(), ToString::to_string)
}
