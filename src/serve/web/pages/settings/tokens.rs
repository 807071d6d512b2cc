//! Making and revoking tokens, for the settings and for whoever else makes one.

use crate::model::{Scope, Timestamp, TokenSecret};
use crate::publish::new_ids;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{AuditEvent, Owner, Token};

use crate::serve::web::page::page_request::PageRequest;

/// Longest note, in characters.
const MAX_NOTE: usize = 200;

/// Most tokens of one user that are in use: beyond it, nobody knows any more what they are for.
const MAX_TOKENS: usize = 200;

/// Makes a token for `user` that allows no more than the one that asks.
///
/// # Errors
/// When it would allow more, or the note is too long.
pub(in crate::serve::web) fn create(
    visit: &PageRequest<'_>,
    user: &Owner,
    scope: Scope,
    note: String,
    expires: Option<Timestamp>,
) -> Answer<TokenSecret> {
    if !visit.caller.allows(scope) {
        let message = format!("the token that you signed in with may not make one of scope {scope}: it allows less");
        return Err(Refusal::forbidden(message));
    }
    if note.chars().count() > MAX_NOTE {
        return Err(Refusal::invalid(format!("the note is longer than {MAX_NOTE} characters")));
    }
    let store = visit.store();
    if store.tokens_of(user.id)?.iter().filter(|token| token.revoked.is_none()).count() >= MAX_TOKENS {
        return Err(Refusal::precondition(format!("you have {MAX_TOKENS} tokens; revoke some that are not used")));
    }
    let secret = new_ids::secret().map_err(|error| Refusal::internal(&error))?;
    let (id, created) = (new_ids::token(), visit.now);
    store.create_token(&Token { id, owner: user.id, scope, note, created, expires, revoked: None }, secret.hash())?;
    audit(visit, "token.create", id.to_string())?;
    Ok(secret)
}

/// Revokes a token of the signed-in user.
///
/// # Errors
/// When it is not there, or allows more than the one that asks.
pub(in crate::serve::web) fn revoke(visit: &PageRequest<'_>, id: &str) -> Answer<()> {
    let user = visit.user()?;
    let own = visit.store().tokens_of(user.id)?;
    let token = own.iter().find(|token| token.id.to_string() == id);
    let token = token.ok_or_else(|| Refusal::not_found("you have no such token"))?;
    if !visit.caller.allows(token.scope) {
        return Err(Refusal::forbidden("the token that you signed in with allows less than the one to be revoked"));
    }
    visit.store().revoke_token(token.id, visit.now)?;
    visit.state.auth.forget();
    audit(visit, "token.revoke", id.to_owned())
}

/// Notes what the signed-in user did.
///
/// # Errors
/// When the store fails.
pub(in crate::serve::web) fn audit(visit: &PageRequest<'_>, action: &str, subject: String) -> Answer<()> {
    let actor = visit.caller.user().map(|user| user.id);
    visit.store().audit(&AuditEvent { at: visit.now, actor, action: action.into(), subject })?;
    Ok(())
}
