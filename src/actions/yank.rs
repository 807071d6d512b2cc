//! Yanks and unyanks published versions.

use super::access::{Access, require};
use super::actor::Actor;
use super::error::ActionError;
use crate::store::{Module, Sdk};

/// Refuses callers who may not yank. Yanking affects all users of a crate, so it takes the role admin.
///
/// # Errors
/// When the caller does not administer the module, or the store fails.
pub(crate) fn require_right(actor: &Actor<'_>, module: &Module) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    let doing = format!("yank SDKs of module {}", module.name);
    require(actor.store, actor.caller, module.owner, Access::Admin, &doing)
}

/// Yanks or unyanks `sdk` of `module`. An SDK in that state already stays as it is.
///
/// # Errors
/// When the caller does not administer the module, or the store fails.
pub(crate) fn set_yanked(actor: &Actor<'_>, module: &Module, sdk: &Sdk, yanked: bool) -> Result<(), ActionError> {
    require_right(actor, module)?;
    let action = if yanked { "sdk.yank" } else { "sdk.unyank" };
    actor.store.transaction("yank an SDK", |tx| {
        if tx.set_yanked(&sdk.key, yanked)? {
            tx.audit(&actor.event(action, format!("{} {}", sdk.crate_name, sdk.version)))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(())
}
