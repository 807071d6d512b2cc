//! A login on the server's own machine: whoever may write to the data directory needs no token to get one.

use super::actor::Actor;
use super::caller::is_administrator;
use super::error::ActionError;
use super::tokens::{self, IssuedToken, NewToken};
use crate::model::{Scope, Timestamp, TokenSecret};
use crate::store::{Owner, Store};

/// How many owners are read at a time.
const PAGE: u64 = 250;

/// The tokens of a login.
pub(crate) struct LocalLogin {
    /// One of scope admin, if the user is an administrator.
    pub(crate) admin: Option<IssuedToken>,
    /// One of scope write, for everything that does not take an administrator.
    pub(crate) write: IssuedToken,
}

/// The administrator who is longest in the registry.
pub(crate) fn first_administrator(store: &Store) -> Result<Option<Owner>, ActionError> {
    let (mut first, mut offset): (Option<Owner>, _) = (None, Some(0));
    while let Some(start) = offset {
        let page = store.list_owners(start, PAGE)?;
        first = first.into_iter().chain(page.items).filter(is_administrator).min_by_key(|owner| owner.created);
        offset = page.next;
    }
    Ok(first)
}

/// Whether the server accepts this token at the time `now`.
pub(crate) fn is_valid(store: &Store, secret: &TokenSecret, now: Timestamp) -> Result<bool, ActionError> {
    let token = store.token(secret.hash())?.map(|(token, _)| token);
    Ok(token.is_some_and(|token| token.revoked.is_none() && token.expires.is_none_or(|end| end > now)))
}

/// Creates the tokens of a login for `holder`. The note says where they are kept; what was kept there before is
/// revoked, so that a home that is lost with every restart leaves no tokens behind.
///
/// # Errors
/// When `holder` has too many tokens, or the note is too long.
pub(crate) fn create(actor: &Actor<'_>, holder: &Owner, note: &str) -> Result<LocalLogin, ActionError> {
    let token = |scope| NewToken { scope, note: note.to_owned(), expires: None };
    let scopes = [Some(Scope::Admin).filter(|_| is_administrator(holder)), Some(Scope::Write)];
    for scope in scopes.into_iter().flatten() {
        tokens::check(actor, holder, &token(scope))?;
    }
    let before = actor.store.tokens_of(holder.id)?;
    let replaced: Vec<_> = before
        .into_iter()
        .filter(|token| token.note == note && token.revoked.is_none())
        .map(|token| token.id)
        .collect();
    let login = actor.store.transaction("create a login", |tx| {
        for id in &replaced {
            if tx.revoke_token(*id, actor.at)? {
                tx.audit(&actor.event("token.revoke", id.to_string()))?;
            }
        }
        let issue = |scope| tokens::issue(tx, actor, holder, token(scope));
        let [admin, _] = scopes;
        Ok::<_, ActionError>(LocalLogin { admin: admin.map(issue).transpose()?, write: issue(Scope::Write)? })
    })?;
    actor.observer.credentials_changed();
    Ok(login)
}
