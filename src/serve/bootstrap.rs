//! The first start on an empty store: creates a user with two tokens, one of scope admin and one of scope write.

use std::fmt;

use crate::actions::tokens::NewToken;
use crate::actions::{ActionError, Actor, Caller, local_login, users};
use crate::model::{OwnerName, Scope, TokenSecret};
use crate::publish::Clock;
use crate::store::{Store, StoreError};

use super::error::ServeError;

/// The first user, an administrator, and the only copies of two tokens.
#[derive(Debug, Clone)]
pub struct FirstUser {
    /// The user's name.
    pub name: String,
    /// A token of scope admin, for the commands that manage users and tokens.
    pub admin_token: TokenSecret,
    /// A token of scope write, for everything else.
    pub write_token: TokenSecret,
}

/// The user that the first start creates.
const FIRST_USER: &str = "admin-user";

/// Creates the first user, an administrator, unless the store has owners already.
pub(super) fn first_user(store: &Store, clock: &Clock) -> Result<Option<FirstUser>, ServeError> {
    if !store.is_empty()? {
        return Ok(None);
    }
    let Some(name) = first_name() else { return Ok(None) };
    let actor = Actor { caller: &Caller::Operator, client: None, store, at: clock.now(), observer: &() };
    let token = |scope| NewToken { scope, note: "created at the first start".into(), expires: None };
    let created =
        users::create_first(&actor, name, |issue| Ok((issue(token(Scope::Admin))?, issue(token(Scope::Write))?)));
    let (user, (admin, write)) = match created {
        // Another server on the same database was faster.
        Err(ActionError::Store(StoreError::AlreadyExists(_))) if !store.is_empty()? => return Ok(None),
        created => created?,
    };
    let name = user.name.to_string();
    Ok(Some(FirstUser { name, admin_token: admin.secret, write_token: write.secret }))
}

/// Makes the login of the user who runs the server, at a later start.
#[derive(Clone)]
pub struct OwnLogin {
    store: Store,
    clock: Clock,
}

impl OwnLogin {
    pub(crate) fn new(store: &Store, clock: &Clock) -> Self {
        Self { store: store.clone(), clock: clock.clone() }
    }

    /// Whether the server accepts this token.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn accepts(&self, token: &str) -> Result<bool, ServeError> {
        match TokenSecret::presented(token.trim()) {
            Some(secret) => Ok(local_login::is_valid(&self.store, &secret, self.clock.now())?),
            None => Ok(false),
        }
    }

    /// Creates tokens for the first administrator, in place of those with the same note. None if there is no
    /// administrator.
    ///
    /// # Errors
    /// When the store cannot be written, or the administrator has too many tokens.
    pub fn create(&self, note: &str) -> Result<Option<FirstUser>, ServeError> {
        let Some(user) = local_login::first_administrator(&self.store)? else { return Ok(None) };
        let actor =
            Actor { caller: &Caller::Operator, client: None, store: &self.store, at: self.clock.now(), observer: &() };
        let login = local_login::create(&actor, &user, note)?;
        let write_token = login.write.secret;
        let admin_token = login.admin.map_or_else(|| write_token.clone(), |admin| admin.secret);
        Ok(Some(FirstUser { name: user.name.to_string(), admin_token, write_token }))
    }
}

impl fmt::Debug for OwnLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnLogin").finish_non_exhaustive()
    }
}

/// The name of the system's user if it is a valid owner name and not `root`, else [`FIRST_USER`].
fn first_name() -> Option<OwnerName> {
    let login = std::env::var("USER").ok().and_then(|name| name.parse::<OwnerName>().ok());
    login.filter(|name| name.as_str() != "root").or_else(|| FIRST_USER.parse().ok())
}

impl From<ActionError> for ServeError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Store(error) => Self::Store(error),
            error => Self::FirstUser(error.to_string()),
        }
    }
}
