//! Browser sessions: a user begins one with a token, and ends it.

use super::actor::Actor;
use super::error::ActionError;
use crate::model::{Timestamp, TokenSecret};
use crate::publish::new_ids;
use crate::store::{AuditEvent, Owner, Session, Token};

/// The time limit of a session, in seconds: thirty days. It ends earlier with its token.
pub(crate) const LASTS: i64 = 30 * 24 * 3600;

/// Begins a session of `user` with `token`; `client` is the user's address. Returns the secret for the browser's
/// cookie.
///
/// # Errors
/// When the store cannot be written, or there are no random bytes.
pub(crate) fn begin(actor: &Actor<'_>, token: &Token, user: &Owner, client: &str) -> Result<TokenSecret, ActionError> {
    let secret = new_ids::session()?;
    let expires = Timestamp::from_micros(actor.at.as_micros() + LASTS * 1_000_000);
    let session = Session { token: token.id, created: actor.at, expires };
    let event = actor.event("session.begin", format!("{} from {client}", user.name));
    actor.store.transaction("begin a session", |tx| {
        tx.create_session(&session, secret.hash())?;
        // The actor of the event is anonymous: the request has no session yet.
        tx.audit(&AuditEvent { actor: Some(user.id), ..event })
    })?;
    Ok(secret)
}

/// Ends the session of a browser; `false` if there is none.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn end(actor: &Actor<'_>, session: &TokenSecret, client: &str) -> Result<bool, ActionError> {
    let ended = actor.store.transaction("end a session", |tx| {
        let ended = tx.end_session(session.hash())?;
        if ended {
            tx.audit(&actor.event("session.end", format!("from {client}")))?;
        }
        Ok::<_, ActionError>(ended)
    })?;
    actor.observer.credentials_changed();
    Ok(ended)
}

/// Records a sign-in from `client` that was refused.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn refused(actor: &Actor<'_>, client: &str, reason: &str) -> Result<(), ActionError> {
    Ok(actor.store.audit(&actor.event("session.refuse", format!("from {client}: {reason}")))?)
}
