//! The caller of a request, and what their token allows.

use std::sync::Arc;

use super::error::ActionError;
use crate::model::Scope;
use crate::store::{Owner, OwnerKind};

/// The caller of a request.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Nobody in particular: no token was sent.
    Anonymous,
    /// A user, with what the token allows.
    User {
        /// The user.
        user: Arc<Owner>,
        /// What the token allows at most.
        scope: Scope,
    },
    /// Whoever may write the data directory, at the command line of the machine that holds it.
    Operator,
}

impl Caller {
    /// The user, if there is one.
    pub(crate) fn user(&self) -> Option<&Owner> {
        match self {
            Self::Anonymous | Self::Operator => None,
            Self::User { user, .. } => Some(user),
        }
    }

    /// Whether the token allows `scope`.
    pub(crate) fn allows(&self, scope: Scope) -> bool {
        match self {
            Self::Anonymous => false,
            Self::User { scope: held, .. } => *held >= scope,
            Self::Operator => true,
        }
    }

    /// Whether this is an administrator of the whole registry, with a token that says so.
    pub(crate) fn is_admin(&self) -> bool {
        match self {
            Self::Anonymous => false,
            Self::User { user, .. } => self.allows(Scope::Admin) && is_administrator(user),
            Self::Operator => true,
        }
    }

    /// Refuses callers whose token does not allow changing anything.
    ///
    /// # Errors
    /// When there is no token, or one of scope read.
    pub(crate) fn require_write(&self) -> Result<(), ActionError> {
        match self {
            Self::Anonymous => Err(ActionError::NoToken),
            Self::User { .. } if !self.allows(Scope::Write) => Err(ActionError::ReadOnlyToken),
            Self::User { .. } | Self::Operator => Ok(()),
        }
    }

    /// Refuses callers that do not administer the registry; `doing` ends "you may not …".
    ///
    /// # Errors
    /// When the caller is none of them.
    pub(crate) fn require_admin(&self, doing: &'static str) -> Result<(), ActionError> {
        if self.is_admin() { Ok(()) } else { Err(ActionError::NoAdministrator { doing }) }
    }
}

/// Whether `user` may administer the registry, given a token that says so.
pub(super) fn is_administrator(user: &Owner) -> bool {
    matches!(user.kind, OwnerKind::User { admin: true, .. })
}
