//! The caller of a request, and the scope of their token.

use std::sync::Arc;

use super::error::ActionError;
use crate::model::{Scope, TokenId};
use crate::store::{Owner, OwnerKind};

/// The caller of a request.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// No token was sent.
    Anonymous,
    /// A user, with the scope of the token.
    User {
        /// The user.
        user: Arc<Owner>,
        /// The scope of the token.
        scope: Scope,
        /// The token, of this request or of the one that began its session; none for work that the server does by
        /// itself in the user's name.
        token: Option<TokenId>,
    },
    /// A command that writes to the data directory; its user needs write permission there, and no token.
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

    /// The token, if one was sent.
    pub(crate) fn token(&self) -> Option<TokenId> {
        match self {
            Self::Anonymous | Self::Operator => None,
            Self::User { token, .. } => *token,
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

    /// Whether this is an administrator of the whole registry, with a token of scope admin.
    pub(crate) fn is_admin(&self) -> bool {
        match self {
            Self::Anonymous => false,
            Self::User { user, .. } => self.allows(Scope::Admin) && is_administrator(user),
            Self::Operator => true,
        }
    }

    /// Refuses callers without a token, or with a token of scope read.
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
    /// When the caller does not administer the registry.
    pub(crate) fn require_admin(&self, doing: &'static str) -> Result<(), ActionError> {
        if self.is_admin() { Ok(()) } else { Err(ActionError::NoAdministrator { doing }) }
    }
}

/// Whether `user` may administer the registry with a token of scope admin.
pub(super) fn is_administrator(user: &Owner) -> bool {
    matches!(user.kind, OwnerKind::User { admin: true, .. })
}
