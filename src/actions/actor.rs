//! A caller with the store, the time and the observer of a change.

use super::caller::Caller;
use super::error::ActionError;
use crate::model::{OwnerId, Timestamp};
use crate::store::{AuditEvent, Owner, Store};

/// Hears of changes once they are stored.
pub(crate) trait Observer {
    /// Tokens, or what users may do, are others now: nothing that is remembered of them holds.
    fn credentials_changed(&self) {}
    /// Something that readers see is other now.
    fn content_changed(&self) {}
}

/// For programs without caches.
impl Observer for () {}

/// A caller at the moment of a change.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    /// The caller.
    pub(crate) caller: &'a Caller,
    /// The store.
    pub(crate) store: &'a Store,
    /// The time of the change.
    pub(crate) at: Timestamp,
    /// Hears of every change, to drop what it caches.
    pub(crate) observer: &'a dyn Observer,
}

impl Actor<'_> {
    /// The audit record of an action of this caller.
    pub(crate) fn event(&self, action: &str, subject: impl Into<String>) -> AuditEvent {
        AuditEvent { at: self.at, actor: self.user_id(), action: action.into(), subject: subject.into() }
    }

    /// The user who acts.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn user(&self) -> Result<&Owner, ActionError> {
        self.caller.user().ok_or(ActionError::NoToken)
    }

    /// The id of the user who acts; none at the command line of the machine that holds the data.
    pub(super) fn user_id(&self) -> Option<OwnerId> {
        self.caller.user().map(|user| user.id)
    }
}
