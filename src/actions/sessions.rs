//! Browser sessions: a user begins one with a token, and ends it.

use super::actor::Actor;
use super::error::ActionError;
use crate::model::{Timestamp, TokenSecret};
use crate::publish::new_ids;
use crate::store::{AuditEvent, ChangeSource, Owner, Session, Token};

/// The time limit of a session, in seconds: thirty days. It ends earlier with its token.
pub(crate) const LASTS: i64 = 30 * 24 * 3600;

/// Begins a session of `user` with `token`. Returns the secret for the browser's cookie.
///
/// # Errors
/// When the store cannot be written, or there are no random bytes.
pub(crate) fn begin(actor: &Actor<'_>, token: &Token, user: &Owner) -> Result<TokenSecret, ActionError> {
    let secret = new_ids::session()?;
    let expires = Timestamp::from_micros(actor.at.as_micros() + LASTS * 1_000_000);
    let session = Session { token: token.id, created: actor.at, expires };
    let begun = actor.event("session.begin", user.name.to_string());
    // The request has no session yet, so its caller is anonymous.
    let source = ChangeSource { token: Some(token.id), ..begun.source };
    let event = AuditEvent { actor: Some(user.id), source, ..begun };
    actor.store.transaction("begin a session", |tx| {
        tx.create_session(&session, secret.hash())?;
        tx.audit(&event)
    })?;
    Ok(secret)
}

/// Ends the session of a browser; `false` if there is none.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn end(actor: &Actor<'_>, session: &TokenSecret) -> Result<bool, ActionError> {
    let ended = actor.store.transaction("end a session", |tx| {
        let ended = tx.end_session(session.hash())?;
        if ended {
            let user = actor.caller.user().map_or_else(String::new, |user| user.name.to_string());
            tx.audit(&actor.event("session.end", user))?;
        }
        Ok::<_, ActionError>(ended)
    })?;
    actor.observer.credentials_changed();
    Ok(ended)
}

/// Records a sign-in that was refused.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn refused(actor: &Actor<'_>, reason: &str) -> Result<(), ActionError> {
    Ok(actor.store.audit(&actor.event("session.refuse", reason))?)
}
