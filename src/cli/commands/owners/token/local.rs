//! Tokens directly on a data directory: for the first token, and when the last token is lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::actions::local_login::{self, LocalLogin};
use crate::actions::tokens::{self, IssuedToken, NewToken};
use crate::actions::{Actor, Caller, users};
use crate::cli::arguments::time::now;
use crate::cli::error::CliError;
use crate::config::{Environment, Flags, Settings, settings_table};
use crate::model::{OwnerId, OwnerName, TokenId, TokenSecret};
use crate::serve::open_existing_store;
use crate::store::{Owner, OwnerKind, Store, Token};

use super::view::TokenRow;

/// How many owners are read at a time.
const PAGE: u64 = 250;

/// The database that a command works on without a server.
#[derive(Debug, Args)]
pub(in crate::cli) struct LocalArgs {
    /// Work on this data directory instead of a server, whether one runs on it or not
    #[arg(long, value_name = "DIR", conflicts_with_all = ["server", "token"])]
    data_dir: Option<PathBuf>,
    /// Work on the database that several servers share, instead of one of them [env: REGISTRY_STORE, with --data-dir]
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["server", "token"])]
    store: Option<String>,
}

impl LocalArgs {
    /// The database, unless a server is to be asked.
    pub(in crate::cli) fn open(&self) -> Result<Option<Local>, CliError> {
        match (&self.data_dir, &self.store) {
            (None, None) => Ok(None),
            (directory, store) => Local::open(directory.as_deref(), store.as_deref()).map(Some),
        }
    }
}

/// A data directory, or a database that servers share. A server may run on it: the database allows both.
pub(in crate::cli) struct Local {
    store: Store,
}

impl Local {
    /// Opens the database `store`, or that of a data directory which `registry serve` has created; a wrong path must not
    /// become a new registry.
    pub(in crate::cli) fn open(directory: Option<&Path>, store: Option<&str>) -> Result<Self, CliError> {
        if let Some(path) = directory.filter(|directory| !directory.is_dir()) {
            let path = path.display();
            return Err(CliError::CannotRun(format!(
                "{path} is not a directory; start `registry serve --data-dir {path}` once to make a data directory"
            )));
        }
        Ok(Self { store: open_existing_store(&settings(directory, store)?)? })
    }

    /// Whether other machines use the same database.
    pub(in crate::cli) fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    pub(in crate::cli) fn actor(&self) -> Actor<'_> {
        Actor { caller: &Caller::Operator, client: None, store: &self.store, at: now(), observer: &() }
    }

    /// Creates a token for the user of this name, or the only user. In a registry without users, it creates the user as
    /// an administrator.
    pub(super) fn create(&self, user: Option<&OwnerName>, new: NewToken) -> Result<(TokenSecret, TokenRow), CliError> {
        let actor = self.actor();
        let (user, IssuedToken { secret, token }) = match user {
            Some(name) if self.store.is_empty()? => {
                users::create_first(&actor, name.clone(), |issue| issue(new.clone()))?
            }
            user => {
                let user = user.map_or_else(|| self.only_user(), |name| self.user(name))?;
                let issued = tokens::create(&actor, &user, new)?;
                (user, issued)
            }
        };
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

    /// Creates the tokens of a login for the user of this name, or the first administrator.
    pub(in crate::cli) fn log_in(
        &self,
        user: Option<&OwnerName>,
        note: &str,
    ) -> Result<(OwnerName, LocalLogin), CliError> {
        let user = match user {
            Some(name) => self.user(name)?,
            None => local_login::first_administrator(&self.store)?.ok_or_else(|| {
                CliError::Refused("there is no administrator in this directory; name a user with --user".into())
            })?,
        };
        let login = local_login::create(&self.actor(), &user, note)?;
        Ok((user.name, login))
    }

    pub(in crate::cli) fn revoke(&self, id: TokenId) -> Result<(), CliError> {
        Ok(tokens::revoke(&self.actor(), id)?)
    }

    fn user(&self, name: &OwnerName) -> Result<Owner, CliError> {
        match self.store.owner(name)? {
            Some(owner) if owner.kind != OwnerKind::Organization => Ok(owner),
            Some(_) => Err(CliError::Refused(format!("{name} is an organization; tokens belong to users"))),
            None => Err(unknown_user(name, &self.users()?)),
        }
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

/// The settings of a server there, as far as the environment has them.
fn settings(directory: Option<&Path>, store: Option<&str>) -> Result<Settings, CliError> {
    let directory = directory.map(|directory| (settings_table::DATA_DIR.name, directory.display().to_string()));
    let store = store.map(|store| (settings_table::STORE.name, store.to_owned()));
    let flags: Flags = directory.into_iter().chain(store).map(|(name, value)| (name, vec![value])).collect();
    let mut settings = Settings::load(&flags, &Environment::of_process(), None)?;
    // Tokens need no crates, so the object store need not be there.
    settings.blobs = None;
    Ok(settings)
}
