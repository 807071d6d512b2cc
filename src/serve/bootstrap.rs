//! The first start on an empty store: a user with two tokens, one to administrate and one to work with.

use crate::model::{OwnerId, OwnerName, Scope, Timestamp, TokenSecret};
use crate::publish::{Clock, new_ids};
use crate::store::{Claim, Owner, OwnerKind, Store, Token};

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
    let Some(user) = first_name() else { return Ok(None) };
    let now = clock.now();
    let owner = Owner {
        id: new_ids::owner(),
        name: user.clone(),
        kind: OwnerKind::User { admin: true, bot: false },
        description: String::new(),
        url: String::new(),
        created: now,
        updated: now,
    };
    store.claim_owner(&owner, &Claim::first(now))?;
    let token = |scope| first_token(store, owner.id, scope, now);
    let (admin_token, write_token) = (token(Scope::Admin)?, token(Scope::Write)?);
    Ok(Some(FirstUser { name: user.to_string(), admin_token, write_token }))
}

fn first_token(store: &Store, owner: OwnerId, scope: Scope, now: Timestamp) -> Result<TokenSecret, ServeError> {
    let secret = new_ids::secret()?;
    let (id, note) = (new_ids::token(), "created at the first start".into());
    store.create_token(&Token { id, owner, scope, note, created: now, expires: None, revoked: None }, secret.hash())?;
    Ok(secret)
}

/// The name of whoever runs the server if it can be an owner's name, else a fixed one.
fn first_name() -> Option<OwnerName> {
    let login = std::env::var("USER").ok().and_then(|name| name.parse::<OwnerName>().ok());
    login.filter(|name| name.as_str() != "root").or_else(|| FIRST_USER.parse().ok())
}
