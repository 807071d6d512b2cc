//! Creates and revokes tokens. No token creates or revokes a token of a higher scope, and a token of scope read does
//! neither.

use super::actor::Actor;
use super::caller::is_administrator;
use super::error::ActionError;
use super::field_rules;
use crate::model::{Scope, Timestamp, TokenId, TokenSecret};
use crate::publish::new_ids;
use crate::store::{Owner, Token, Transaction};

/// The longest life of a token that expires, in days.
const LONGEST_LIFE_DAYS: i64 = 3650;

/// The life of a token that a page creates for a program, in days.
pub(crate) const LIFE_FOR_PROGRAMS_DAYS: i64 = 365;

/// A token to create.
#[derive(Clone)]
pub(crate) struct NewToken {
    /// The scope.
    pub(crate) scope: Scope,
    /// The purpose, for the list of tokens.
    pub(crate) note: String,
    /// When it expires, if it does.
    pub(crate) expires: Option<Timestamp>,
}

/// A token that was created, with the only copy of its secret.
pub(crate) struct IssuedToken {
    /// The secret; only its hash is stored.
    pub(crate) secret: TokenSecret,
    /// The token without its secret.
    pub(crate) token: Token,
}

/// Refuses callers who may not manage the tokens of the user of this name. The user and administrators may.
///
/// # Errors
/// When the caller is neither the user nor an administrator.
pub(crate) fn require_holder(actor: &Actor<'_>, user: &str) -> Result<(), ActionError> {
    match actor.caller.user() {
        Some(caller) if caller.name.as_str() == user => Ok(()),
        _ => actor.caller.require_admin("manage the tokens of others"),
    }
}

/// Creates a token for the user `holder`.
///
/// # Errors
/// When the caller lacks the right, the note is too long, the token would have expired already or live too long, or
/// `holder` has too many tokens.
pub(crate) fn create(actor: &Actor<'_>, holder: &Owner, new: NewToken) -> Result<IssuedToken, ActionError> {
    actor.caller.require_write()?;
    require_holder(actor, holder.name.as_str())?;
    check(actor, holder, &new)?;
    actor.store.transaction("create a token", |tx| issue(tx, actor, holder, new.clone()))
}

/// Refuses a token that must not be created for `holder`.
///
/// # Errors
/// As [`create`].
pub(super) fn check(actor: &Actor<'_>, holder: &Owner, new: &NewToken) -> Result<(), ActionError> {
    if !actor.caller.allows(new.scope) {
        return Err(ActionError::ScopeAboveOwn(new.scope));
    }
    if new.scope == Scope::Admin && !is_administrator(holder) {
        return Err(ActionError::ScopeOfNoUse(holder.name.clone()));
    }
    field_rules::note(&new.note)?;
    match new.expires {
        Some(past) if past <= actor.at => Err(ActionError::Expired(past)),
        Some(end) if end > actor.at.plus_days(LONGEST_LIFE_DAYS) => {
            Err(ActionError::LivesTooLong { end, most_days: LONGEST_LIFE_DAYS })
        }
        _ => Ok(()),
    }
}

/// Stores a checked token, with its record in the audit log.
///
/// # Errors
/// When `holder` has too many tokens, or the system gives no random bytes.
pub(super) fn issue(
    tx: &Transaction<'_>,
    actor: &Actor<'_>,
    holder: &Owner,
    new: NewToken,
) -> Result<IssuedToken, ActionError> {
    let NewToken { scope, note, expires } = new;
    let secret = new_ids::secret()?;
    let token =
        Token { id: new_ids::token(), owner: holder.id, scope, note, created: actor.at, expires, revoked: None };
    tx.create_token(&token, secret.hash())?;
    tx.audit(&actor.event("token.create", format!("{} of {}", token.id, holder.name)))?;
    Ok(IssuedToken { secret, token })
}

/// Revokes a token of the caller; administrators revoke anybody's. A token that was revoked before stays as it is.
///
/// # Errors
/// When the caller lacks the right, there is no such token for the caller, or it has a higher scope than the caller's.
pub(crate) fn revoke(actor: &Actor<'_>, id: TokenId) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    let known = match actor.caller.user() {
        Some(user) if !actor.caller.is_admin() => actor.store.tokens_of(user.id)?,
        _ => actor.store.list_tokens()?,
    };
    let token = known.into_iter().find(|token| token.id == id).ok_or(ActionError::UnknownToken(id))?;
    if !actor.caller.allows(token.scope) {
        return Err(ActionError::RevokedScopeAboveOwn(token.scope));
    }
    actor.store.transaction("revoke a token", |tx| {
        if tx.revoke_token(id, actor.at)? {
            tx.audit(&actor.event("token.revoke", id.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.credentials_changed();
    Ok(())
}
