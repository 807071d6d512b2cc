//! Creates, changes and deletes users.

use super::access::{Access, require};
use super::actor::Actor;
use super::caller::is_administrator;
use super::error::ActionError;
use super::field_rules;
use super::tokens::{self, IssuedToken, NewToken};
use crate::model::OwnerName;
use crate::publish::{Publisher, new_ids};
use crate::store::{Claim, Owner, OwnerKind, StoreError, Transaction};

/// A user to create.
pub(crate) struct NewUser {
    /// The name.
    pub(crate) name: OwnerName,
    /// Whether it is a program.
    pub(crate) bot: bool,
    /// Free text for people; may be empty.
    pub(crate) description: String,
    /// The URL of its web page; may be empty.
    pub(crate) url: String,
}

/// Changes of a user; an absent field stays as it is.
pub(crate) struct UserChange {
    /// The user.
    pub(crate) user: Owner,
    /// Free text for people.
    pub(crate) description: Option<String>,
    /// The URL of the user's web page.
    pub(crate) url: Option<String>,
    /// Whether the user may not sign in any more, and no token of the user is accepted.
    pub(crate) disabled: Option<bool>,
}

/// Issues a token to the user that is being created.
pub(crate) type Issue<'a> = &'a dyn Fn(NewToken) -> Result<IssuedToken, ActionError>;

/// Creates the first user of a registry, an administrator, with the tokens that `tokens` issues: all or nothing.
///
/// # Errors
/// When a token is refused; see [`tokens::create`].
pub(crate) fn create_first<T>(
    actor: &Actor<'_>,
    name: OwnerName,
    tokens: impl Fn(Issue<'_>) -> Result<T, ActionError>,
) -> Result<(Owner, T), ActionError> {
    let user = new_owner(actor, OwnerKind::User { admin: true, bot: false }, name, ("", ""))?;
    actor.store.transaction("create the first user", |tx| {
        let user = tx.claim_owner(&user, &Claim::first(actor.at))?;
        tx.audit(&actor.event("user.create", user.name.to_string()))?;
        let issued = tokens(&|new| {
            tokens::check(actor, &user, &new)?;
            tokens::issue(tx, actor, &user, new)
        })?;
        Ok((user, issued))
    })
}

/// Creates users: all or none.
///
/// # Errors
/// When the caller does not administer the registry, a text is refused, or a name is taken or rests.
pub(crate) fn create(actor: &Actor<'_>, publisher: &Publisher, new: Vec<NewUser>) -> Result<Vec<Owner>, ActionError> {
    actor.caller.require_admin("create users")?;
    let user = |NewUser { name, bot, description, url }| {
        new_owner(actor, OwnerKind::User { admin: false, bot }, name, (&description, &url))
    };
    let users: Vec<_> = new.into_iter().map(user).collect::<Result<_, _>>()?;
    let claim = publisher.claim(actor.user_id());
    let created = actor.store.transaction("create users", |tx| {
        let create = |user: &Owner| {
            let created = tx.claim_owner(user, &claim).map_err(taken(&user.name))?;
            tx.audit(&actor.event("user.create", created.name.to_string()))?;
            Ok(created)
        };
        users.iter().map(create).collect::<Result<_, ActionError>>()
    })?;
    actor.observer.content_changed();
    Ok(created)
}

/// Changes users: all or none.
///
/// # Errors
/// When the caller is neither one of the users nor administers the registry, a text is refused, or somebody else than
/// an administrator disables or enables a user, or the registry would be left without one.
pub(crate) fn update(actor: &Actor<'_>, changes: Vec<UserChange>) -> Result<Vec<Owner>, ActionError> {
    actor.caller.require_write()?;
    let mut changed_users = vec![];
    for change in changes {
        let before = change.user.disabled.is_some();
        let is_more = change.description.is_some() || change.url.is_some();
        let user = changed(actor, change)?;
        changed_users.push((user, before, is_more));
    }
    actor.store.transaction("change users", |tx| {
        for (user, was_disabled, is_more) in &changed_users {
            let is_disabled = user.disabled.is_some();
            if is_disabled && is_administrator(user) && !tx.has_other_administrator(user.id)? {
                return Err(ActionError::LastAdministrator(user.name.clone()));
            }
            tx.update_owner(user)?;
            if is_disabled != *was_disabled {
                let action = if is_disabled { "user.disable" } else { "user.enable" };
                tx.audit(&actor.event(action, user.name.to_string()))?;
            }
            if *is_more || is_disabled == *was_disabled {
                tx.audit(&actor.event("user.update", user.name.to_string()))?;
            }
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.credentials_changed();
    actor.observer.content_changed();
    Ok(changed_users.into_iter().map(|(user, ..)| user).collect())
}

fn changed(actor: &Actor<'_>, change: UserChange) -> Result<Owner, ActionError> {
    let UserChange { mut user, description, url, disabled } = change;
    require(actor.store, actor.caller, user.id, Access::Admin, &format!("change user {}", user.name))?;
    if let Some(disabled) = disabled.filter(|disabled| *disabled != user.disabled.is_some()) {
        actor.caller.require_admin("disable and enable users")?;
        user.disabled = disabled.then_some(actor.at);
    }
    if let Some(description) = &description {
        user.description = field_rules::description(description)?;
    }
    if let Some(url) = &url {
        user.url = field_rules::url("url", url)?;
    }
    user.updated = actor.at;
    Ok(user)
}

/// Deletes users that have no modules, with their tokens and memberships: all or none. Their names rest.
///
/// # Errors
/// When the caller does not administer the registry, a user has modules, or the registry or an organization would be
/// left without an administrator.
pub(crate) fn delete(actor: &Actor<'_>, users: &[Owner]) -> Result<(), ActionError> {
    actor.caller.require_admin("delete users")?;
    actor.store.transaction("delete users", |tx| {
        for user in users {
            keep_administrators(tx, user)?;
            tx.delete_owner(user.id, actor.at)?;
            tx.audit(&actor.event("user.delete", user.name.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.credentials_changed();
    actor.observer.content_changed();
    Ok(())
}

/// Refuses to delete whom nobody could replace: nobody could change what the user administers any more.
fn keep_administrators(tx: &Transaction<'_>, user: &Owner) -> Result<(), ActionError> {
    if is_administrator(user) && !tx.has_other_administrator(user.id)? {
        return Err(ActionError::LastAdministrator(user.name.clone()));
    }
    match tx.organization_with_only_admin(user.id)? {
        Some(organization) => Err(ActionError::LastAdmin { organization, user: user.name.clone() }),
        None => Ok(()),
    }
}

/// A new user or organization, with description and web page checked.
///
/// # Errors
/// When a text is refused.
pub(super) fn new_owner(
    actor: &Actor<'_>,
    kind: OwnerKind,
    name: OwnerName,
    (description, url): (&str, &str),
) -> Result<Owner, ActionError> {
    let (description, url) = (field_rules::description(description)?, field_rules::url("url", url)?);
    Ok(Owner {
        id: new_ids::owner(),
        name,
        kind,
        description,
        url,
        created: actor.at,
        updated: actor.at,
        disabled: None,
    })
}

/// Maps the store's error for a taken name to the refusal that names it.
pub(super) fn taken(name: &OwnerName) -> impl Fn(StoreError) -> ActionError {
    move |error| match error {
        StoreError::AlreadyExists(_) => ActionError::OwnerExists(name.clone()),
        error => error.into(),
    }
}
