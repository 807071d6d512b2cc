//! The first start on an empty store: a user and an admin token.

use crate::model::{OwnerName, Scope, TokenSecret};
use crate::publish::{Clock, ids};
use crate::store::{Claim, Owner, OwnerKind, Store, Token};

use super::ServeError;

/// The user that the first start creates.
const FIRST_USER: &str = "admin-user";

/// The first user with the only copy of the token's secret.
pub(super) struct First {
    pub user: OwnerName,
    pub secret: TokenSecret,
}

/// Creates the first user and an admin token, unless the store has owners already.
pub(super) fn first_user(store: &Store, clock: &Clock) -> Result<Option<First>, ServeError> {
    if !store.is_empty()? {
        return Ok(None);
    }
    let Some(user) = first_name() else { return Ok(None) };
    let now = clock.now();
    let owner = Owner {
        id: ids::owner(),
        name: user.clone(),
        kind: OwnerKind::User { admin: true, bot: false },
        description: String::new(),
        url: String::new(),
        created: now,
        updated: now,
    };
    let secret = ids::secret()?;
    let token = Token {
        id: ids::token(),
        owner: owner.id,
        scope: Scope::Admin,
        note: "created at the first start".into(),
        created: now,
        expires: None,
        revoked: None,
    };
    store.claim_owner(&owner, &Claim::first(now))?;
    store.create_token(&token, secret.hash())?;
    Ok(Some(First { user, secret }))
}

/// The name of whoever runs the server if it can be an owner's name, else a fixed one.
fn first_name() -> Option<OwnerName> {
    let login = std::env::var("USER").ok().and_then(|name| name.parse::<OwnerName>().ok());
    login.filter(|name| name.as_str() != "root").or_else(|| FIRST_USER.parse().ok())
}
