//! Creates, changes and deletes organizations, and frees the names of deleted organizations.

use super::access::{Access, require};
use super::actor::Actor;
use super::error::ActionError;
use super::field_rules;
use super::users::{self, taken};
use crate::model::OwnerName;
use crate::publish::Publisher;
use crate::store::{Owner, OwnerKind};

/// An organization to create.
pub(crate) struct NewOrganization {
    /// The name.
    pub(crate) name: OwnerName,
    /// Free text for people; may be empty.
    pub(crate) description: String,
    /// The URL of its web page; may be empty.
    pub(crate) url: String,
}

/// Changes of an organization; an absent field stays as it is.
pub(crate) struct OrganizationChange {
    /// The organization.
    pub(crate) organization: Owner,
    /// Free text for people.
    pub(crate) description: Option<String>,
    /// The URL of its web page.
    pub(crate) url: Option<String>,
}

/// Creates organizations, each with the caller as its first admin: all or none.
///
/// # Errors
/// When the caller lacks the right, a text is refused, a name is taken or rests, or the caller administers too many
/// organizations.
pub(crate) fn create(
    actor: &Actor<'_>,
    publisher: &Publisher,
    new: Vec<NewOrganization>,
) -> Result<Vec<Owner>, ActionError> {
    actor.caller.require_write()?;
    let user = actor.user()?.id;
    let organization =
        |new: NewOrganization| users::new_owner(actor, OwnerKind::Organization, new.name, (&new.description, &new.url));
    let organizations: Vec<_> = new.into_iter().map(organization).collect::<Result<_, _>>()?;
    let claim = publisher.claim(Some(user));
    let created = actor.store.transaction("create organizations", |tx| {
        let create = |organization: &Owner| {
            let created = tx.create_organization(organization, user, &claim).map_err(taken(&organization.name))?;
            tx.audit(&actor.event("organization.create", created.name.to_string()))?;
            Ok(created)
        };
        organizations.iter().map(create).collect::<Result<_, ActionError>>()
    })?;
    actor.observer.content_changed();
    Ok(created)
}

/// Changes organizations: all or none.
///
/// # Errors
/// When the caller is not an admin of one of the organizations, or a text is refused.
pub(crate) fn update(actor: &Actor<'_>, changes: Vec<OrganizationChange>) -> Result<Vec<Owner>, ActionError> {
    actor.caller.require_write()?;
    let organizations: Vec<_> =
        changes.into_iter().map(|change| changed(actor, change)).collect::<Result<_, ActionError>>()?;
    actor.store.transaction("change organizations", |tx| {
        for organization in &organizations {
            tx.update_owner(organization)?;
            tx.audit(&actor.event("organization.update", organization.name.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(organizations)
}

fn changed(actor: &Actor<'_>, change: OrganizationChange) -> Result<Owner, ActionError> {
    let OrganizationChange { mut organization, description, url } = change;
    require_admin(actor, &organization, "change")?;
    if let Some(description) = &description {
        organization.description = field_rules::description(description)?;
    }
    if let Some(url) = &url {
        organization.url = field_rules::url("url", url)?;
    }
    organization.updated = actor.at;
    Ok(organization)
}

/// Deletes organizations that have no modules: all or none. Their names rest.
///
/// # Errors
/// When the caller is not an admin of one of the organizations, or it has modules.
pub(crate) fn delete(actor: &Actor<'_>, organizations: &[Owner]) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    for organization in organizations {
        require_admin(actor, organization, "delete")?;
    }
    actor.store.transaction("delete organizations", |tx| {
        for organization in organizations {
            tx.delete_owner(organization.id, actor.at)?;
            tx.audit(&actor.event("organization.delete", organization.name.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(())
}

fn require_admin(actor: &Actor<'_>, organization: &Owner, doing: &str) -> Result<(), ActionError> {
    let doing = format!("{doing} organization {}", organization.name);
    require(actor.store, actor.caller, organization.id, Access::Admin, &doing)
}

/// Lets anybody take the name of a deleted organization.
///
/// # Errors
/// When the caller does not administer the registry, or the name does not rest.
pub(crate) fn free_name(actor: &Actor<'_>, name: &OwnerName) -> Result<(), ActionError> {
    actor.caller.require_admin("free the names of deleted organizations")?;
    actor.store.transaction("free a name", |tx| {
        if !tx.free_name(name)? {
            return Err(ActionError::NameDoesNotRest(name.clone()));
        }
        Ok(tx.audit(&actor.event("name.free", name.to_string()))?)
    })
}
