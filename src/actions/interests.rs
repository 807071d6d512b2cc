//! Interests, and requests for SDKs.

use super::access::{Access, require};
use super::actor::Actor;
use super::error::ActionError;
use crate::model::{LabelName, PluginRef};
use crate::publish::{Publisher, SdkPurpose, SdkRequest};
use crate::store::{Module, SdkKey};

/// Queues the requested SDK unless it exists, and registers an interest if the request asks for it.
///
/// The right to read the module is enough to request an SDK; the face checks it. Cargo's first request for a crate does
/// the same. An interest or a retry takes the right to push.
///
/// # Errors
/// When the caller lacks the right, or plugin or reference are unknown.
pub(crate) fn request_sdk(
    actor: &Actor<'_>,
    publisher: &Publisher,
    module: &Module,
    request: &SdkRequest,
) -> Result<SdkKey, ActionError> {
    let name = &module.name;
    match request.purpose {
        SdkPurpose::Once => {}
        SdkPurpose::Keep(_) => require_right(actor, module, &format!("keep SDKs of module {name} generated"))?,
        SdkPurpose::Retry => require_right(actor, module, &format!("retry SDKs of module {name}"))?,
    }
    Ok(publisher.request_sdk(module, request)?)
}

/// Removes the interest in a plugin on a label. A plugin with a version removes only the interest in that version.
///
/// # Errors
/// When the caller may not push to the module, or there is no such interest.
pub(crate) fn remove(
    actor: &Actor<'_>,
    module: &Module,
    label: &LabelName,
    plugin: &PluginRef,
) -> Result<(), ActionError> {
    require_right(actor, module, &format!("change the interests of module {}", module.name))?;
    actor.store.transaction("remove an interest", |tx| {
        if !tx.remove_interest(module.id, &plugin.name, plugin.version, label)? {
            let (module, label, plugin) = (module.name.clone(), label.clone(), plugin.clone().into());
            return Err(ActionError::NoInterest { module, label, plugin });
        }
        Ok(tx.audit(&actor.event("interest.remove", format!("{} {label} {plugin}", module.name)))?)
    })?;
    actor.observer.content_changed();
    Ok(())
}

fn require_right(actor: &Actor<'_>, module: &Module, doing: &str) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    require(actor.store, actor.caller, module.owner, Access::Write, doing)
}
