//! Taking a published version back, and giving it out again: one rule for the RPC and for the page.

use crate::store::{AuditEvent, Module, Sdk, Store};

use super::access::{Access, require};
use super::auth::Caller;
use super::http::error::Answer;
use super::state::State;

/// Refuses callers that may not yank: what others build with is not for every writer to take away.
///
/// # Errors
/// When the caller does not administer the module, or the store fails.
pub(super) fn may_yank(store: &Store, caller: &Caller, module: &Module) -> Answer<()> {
    require(store, caller, module.owner, Access::Admin, &format!("yank SDKs of module {}", module.name))
}

/// Takes `sdk` of `module` back, or gives it out again.
///
/// # Errors
/// When the caller does not administer the module, or the store fails.
pub(super) fn set_yanked(state: &State, caller: &Caller, module: &Module, sdk: &Sdk, yanked: bool) -> Answer<()> {
    let store = state.store();
    may_yank(store, caller, module)?;
    store.set_yanked(&sdk.crate_name, &sdk.version, yanked)?;
    let action = if yanked { "sdk.yank" } else { "sdk.unyank" };
    let actor = caller.user().map(|user| user.id);
    let subject = format!("{} {}", sdk.crate_name, sdk.version);
    let event = AuditEvent { at: state.publisher.clock().now(), actor, action: action.into(), subject };
    // The deed is done already.
    if let Err(error) = store.audit(&event) {
        tracing::error!(%error, action, "an audit event could not be stored");
    }
    state.publisher.progress().changed();
    Ok(())
}
