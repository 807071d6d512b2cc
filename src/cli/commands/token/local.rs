//! Tokens directly on a data directory: for the first one, and when the last one is lost.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::arguments::time::now;
use crate::cli::error::CliError;
use crate::client::TokenRequest;
use crate::model::{OwnerId, OwnerName, TokenId, TokenSecret};
use crate::store::{Claim, Owner, OwnerKind, Store, StoreOptions, Token};

use super::view::TokenRow;

/// How many owners are read at a time.
const PAGE: u64 = 250;

/// A data directory, perhaps with a server running on it: the database lets both work.
pub(super) struct Local {
    store: Store,
}

impl Local {
    /// Opens a data directory that `registry serve` has made; a wrong path must not become a new registry.
    pub(super) fn open(directory: &Path) -> Result<Self, CliError> {
        if !directory.is_dir() {
            let path = directory.display();
            return Err(CliError::CannotRun(format!(
                "{path} is not a directory; start `registry serve --data-dir {path}` once to make a data directory"
            )));
        }
        Ok(Self { store: Store::open(directory, StoreOptions::default())? })
    }

    pub(super) fn create(&self, request: TokenRequest) -> Result<(TokenSecret, TokenRow), CliError> {
        let user = match &request.user {
            Some(name) => self.user(name)?,
            None => self.only_user()?,
        };
        let secret = TokenSecret::from_random(random()?);
        let token = Token {
            id: TokenId::from_bytes(random_id()),
            owner: user.id,
            scope: request.scope,
            note: request.note,
            created: now(),
            expires: request.expire_time,
            revoked: None,
        };
        self.store.create_token(&token, secret.hash())?;
        Ok((secret, row(token, &user.name)))
    }

    pub(super) fn list(&self, user: Option<&OwnerName>) -> Result<Vec<TokenRow>, CliError> {
        let owners = self.users()?;
        if let Some(name) = user.filter(|name| !owners.iter().any(|owner| owner.name == **name)) {
            return Err(unknown_user(name, &owners));
        }
        let names: BTreeMap<OwnerId, OwnerName> = owners.into_iter().map(|owner| (owner.id, owner.name)).collect();
        let mut tokens = self.store.list_tokens()?;
        tokens.sort_by_key(|token| std::cmp::Reverse((token.created, token.id)));
        let named = tokens.into_iter().filter_map(|token| {
            let name = names.get(&token.owner)?;
            user.is_none_or(|user| user == name).then(|| row(token, name))
        });
        Ok(named.collect())
    }

    pub(super) fn revoke(&self, id: TokenId) -> Result<(), CliError> {
        if self.store.revoke_token(id, now())? || self.store.list_tokens()?.iter().any(|token| token.id == id) {
            return Ok(());
        }
        Err(CliError::Refused(format!("token {id} does not exist; `registry token list` shows all")))
    }

    /// The user of this name; created, as administrator, if the registry has no users yet.
    fn user(&self, name: &OwnerName) -> Result<Owner, CliError> {
        match self.store.owner(name)? {
            Some(owner) if owner.kind != OwnerKind::Organization => Ok(owner),
            Some(_) => Err(CliError::Refused(format!("{name} is an organization; tokens belong to users"))),
            None if self.store.is_empty()? => self.first_user(name),
            None => Err(unknown_user(name, &self.users()?)),
        }
    }

    fn first_user(&self, name: &OwnerName) -> Result<Owner, CliError> {
        let owner = Owner {
            id: OwnerId::from_bytes(random_id()),
            name: name.clone(),
            kind: OwnerKind::User { admin: true, bot: false },
            description: String::new(),
            url: String::new(),
            created: now(),
            updated: now(),
        };
        Ok(self.store.claim_owner(&owner, &Claim::first(now()))?)
    }

    fn only_user(&self) -> Result<Owner, CliError> {
        let mut users = self.users()?;
        match (users.pop(), users.is_empty()) {
            (Some(user), true) => Ok(user),
            (None, _) => Err(CliError::Refused("there is no user yet; name the first one with --user".into())),
            (Some(_), false) => Err(CliError::Refused("there are several users; name one with --user".into())),
        }
    }

    fn users(&self) -> Result<Vec<Owner>, CliError> {
        let mut users = Vec::new();
        let mut offset = Some(0);
        while let Some(start) = offset {
            let page = self.store.list_owners(start, PAGE)?;
            users.extend(page.items.into_iter().filter(|owner| owner.kind != OwnerKind::Organization));
            offset = page.next;
        }
        Ok(users)
    }
}

fn unknown_user(name: &OwnerName, users: &[Owner]) -> CliError {
    let names: Vec<_> = users.iter().map(|user| user.name.as_str()).collect();
    CliError::Refused(format!("user {name} does not exist; there are: {}", names.join(", ")))
}

fn row(token: Token, user: &OwnerName) -> TokenRow {
    TokenRow {
        id: token.id.to_string(),
        user: user.to_string(),
        scope: token.scope.to_string(),
        note: token.note,
        created: token.created.to_string(),
        expires: token.expires.map(|time| time.to_string()),
        revoked: token.revoked.map(|time| time.to_string()),
    }
}

fn random() -> Result<[u8; 24], CliError> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::CannotRun(format!("the system gives no random bytes: {error}")))?;
    Ok(bytes)
}

fn random_id() -> [u8; 16] {
    uuid::Uuid::new_v4().into_bytes()
}
