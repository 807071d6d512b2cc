//! The first start on an empty store: creates a user with two tokens, one of scope admin and one of scope write.

use crate::actions::tokens::NewToken;
use crate::actions::{ActionError, Actor, Caller, users};
use crate::model::{OwnerName, Scope, TokenSecret};
use crate::publish::Clock;
use crate::store::Store;

use super::error::ServeError;

/// The first user, and the only copies of two tokens.
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
    let actor = Actor { caller: &Caller::Operator, store, at: clock.now(), observer: &() };
    let token = |scope| NewToken { scope, note: "created at the first start".into(), expires: None };
    let (user, (admin, write)) =
        users::create_first(&actor, name, |issue| Ok((issue(token(Scope::Admin))?, issue(token(Scope::Write))?)))?;
    let name = user.name.to_string();
    Ok(Some(FirstUser { name, admin_token: admin.secret, write_token: write.secret }))
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
