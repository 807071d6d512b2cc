//! A caller with the store, the time and the observer of a change.

use std::net::IpAddr;

use super::caller::Caller;
use super::error::ActionError;
use crate::model::{OwnerId, Timestamp};
use crate::store::{AuditEvent, Author, ChangeSource, Owner, Store};

/// Is notified of changes after they are stored.
pub(crate) trait Observer {
    /// Tokens, or the rights of users, have changed: caches of them are stale.
    fn credentials_changed(&self) {}
    /// Something that readers see has changed.
    fn content_changed(&self) {}
}

/// The observer of a program without caches.
impl Observer for () {}

/// A caller at the moment of a change.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    /// The caller.
    pub(crate) caller: &'a Caller,
    /// The caller's address; none for a command that writes to the data directory.
    pub(crate) client: Option<IpAddr>,
    /// The store.
    pub(crate) store: &'a Store,
    /// The time of the change.
    pub(crate) at: Timestamp,
    /// Is notified of every change, to invalidate its caches.
    pub(crate) observer: &'a dyn Observer,
}

impl Actor<'_> {
    /// The audit record of an action of this caller.
    pub(crate) fn event(&self, action: &str, subject: impl Into<String>) -> AuditEvent {
        let (actor, source) = (self.user_id(), self.source());
        AuditEvent { at: self.at, actor, source, action: action.into(), subject: subject.into() }
    }

    /// Where the change comes from.
    fn source(&self) -> ChangeSource {
        ChangeSource { token: self.caller.token(), client: self.client }
    }

    /// The caller as the author of a change that is published.
    ///
    /// # Errors
    /// When the caller is not a user.
    pub(crate) fn author(&self) -> Result<Author, ActionError> {
        Ok(Author { user: self.user()?.id, source: self.source() })
    }

    /// The user of the caller.
    ///
    /// # Errors
    /// When the caller is not a user.
    pub(super) fn user(&self) -> Result<&Owner, ActionError> {
        self.caller.user().ok_or(ActionError::NoToken)
    }

    /// The id of the caller's user; none for a command that writes to the data directory.
    pub(super) fn user_id(&self) -> Option<OwnerId> {
        self.caller.user().map(|user| user.id)
    }
}
