//! A caller who is about to change something, and everything that this takes.

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

/// Where nothing is remembered.
impl Observer for () {}

/// A caller who is about to change something.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    /// Who.
    pub(crate) caller: &'a Caller,
    /// Where.
    pub(crate) store: &'a Store,
    /// When.
    pub(crate) at: Timestamp,
    /// Who has to hear of it.
    pub(crate) observer: &'a dyn Observer,
}

impl Actor<'_> {
    /// The record of what this caller does.
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
