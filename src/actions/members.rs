//! Members of organizations, and their roles.

use super::access::{Access, access};
use super::actor::Actor;
use super::error::ActionError;
use crate::store::{Member, Owner, OwnerKind, Role, Transaction};

/// Gives `user` a role in `organization`, or ends the membership if `role` is none; `false` if nothing changed.
///
/// # Errors
/// When the caller is not an admin of the organization, `user` is an organization, or no admin would be left.
pub(crate) fn set(
    actor: &Actor<'_>,
    organization: &Owner,
    user: &Owner,
    role: Option<Role>,
) -> Result<bool, ActionError> {
    actor.caller.require_write()?;
    if access(actor.store, actor.caller, organization.id)? < Access::Admin {
        return Err(ActionError::NoAdminOf(organization.name.clone()));
    }
    if !matches!(user.kind, OwnerKind::User { .. }) {
        return Err(ActionError::NoUser(user.name.clone()));
    }
    let changed = actor.store.transaction("set a member", |tx| {
        let old = tx.role(organization.id, user.id)?;
        if old == role {
            return Ok(false);
        }
        match role {
            Some(role) => tx.set_member(&Member { organization: organization.id, user: user.id, role })?,
            None => drop(tx.remove_member(organization.id, user.id)?),
        }
        keep_an_admin(tx, organization, user)?;
        let (organization, user) = (&organization.name, &user.name);
        tx.audit(&match (old, role) {
            (None, role) => {
                let subject = format!("{organization} {user}: {}", role.map_or("none", word));
                actor.event("organization.member.add", subject)
            }
            (Some(old), None) => {
                actor.event("organization.member.remove", format!("{organization} {user}: was {}", word(old)))
            }
            (Some(old), Some(role)) => {
                let subject = format!("{organization} {user}: {}, was {}", word(role), word(old));
                actor.event("organization.member.role", subject)
            }
        })?;
        Ok::<_, ActionError>(true)
    })?;
    if changed {
        actor.observer.credentials_changed();
        actor.observer.content_changed();
    }
    Ok(changed)
}

/// Refuses to remove the last admin: nobody could change the organization any more.
fn keep_an_admin(tx: &Transaction<'_>, organization: &Owner, user: &Owner) -> Result<(), ActionError> {
    if tx.has_admin(organization.id)? {
        return Ok(());
    }
    Err(ActionError::LastAdmin { organization: organization.name.clone(), user: user.name.clone() })
}

/// The name of a role.
pub(crate) fn word(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Admin => "admin",
    }
}
