//! Who belongs to an organization: the rules for everyone who manages members, over the pages or over RPCs.

use crate::store::{Member, Owner, OwnerKind, Role, Store};

use super::access::{Access, access};
use super::auth::Caller;
use super::http::error::{Answer, Refusal};
use super::state::State;

/// Gives `user` a role in `organization`, or ends the membership when `role` is none; `false` if it was so already.
///
/// # Errors
/// When the caller is no admin of the organization, `user` is no user, or no admin would be left.
pub(super) fn set(
    state: &State,
    caller: &Caller,
    organization: &Owner,
    user: &Owner,
    role: Option<Role>,
) -> Answer<bool> {
    let store = state.store();
    if access(store, caller, organization.id)? < Access::Admin {
        return Err(Refusal::forbidden(format!("only admins of {} manage its members", organization.name)));
    }
    if !matches!(user.kind, OwnerKind::User { .. }) {
        return Err(Refusal::invalid(format!("{} is an organization; members are users", user.name)));
    }
    if store.role(organization.id, user.id)? == role {
        return Ok(false);
    }
    keep_an_admin(store, organization, user, role)?;
    match role {
        Some(role) => store.set_member(&Member { organization: organization.id, user: user.id, role })?,
        None => drop(store.remove_member(organization.id, user.id)?),
    }
    state.auth.forget();
    state.publisher.progress().changed();
    Ok(true)
}

/// An organization without an admin could never be changed again.
fn keep_an_admin(store: &Store, organization: &Owner, user: &Owner, role: Option<Role>) -> Answer<()> {
    let members = store.members(organization.id)?;
    let mut others = members.iter().filter(|(member, _)| member.id != user.id);
    if role == Some(Role::Admin) || others.any(|(_, role)| *role == Role::Admin) {
        return Ok(());
    }
    Err(Refusal::precondition(format!(
        "{} is the last admin of {}; name another one first",
        user.name, organization.name
    )))
}

/// What was done, as the audit log has it.
pub(super) fn audited(organization: &Owner, user: &Owner, role: Option<Role>) -> String {
    format!("{} {}: {}", organization.name, user.name, role.map_or("removed", word))
}

/// How a role is called.
pub(super) fn word(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Admin => "admin",
    }
}
