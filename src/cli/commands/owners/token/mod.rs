//! `registry token`: creates, lists and revokes tokens, on a server or directly on its data directory.

mod id;
mod local;
mod remote;
mod view;

use clap::{Args, Subcommand, ValueEnum};

use crate::actions::tokens::NewToken;
use crate::cli::arguments::server::ServerArgs;
use crate::cli::arguments::time::{now, parse_expiry};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::{OwnerName, Scope, Timestamp};
use id::TokenIdArg;
pub(in crate::cli) use local::{Local, LocalArgs};
use view::{print_created, rows};

const EXAMPLES: &str = "\
Examples:
  registry token create --note ci --scope write --expires 90d
  registry token create --data-dir /var/lib/registry --user pat --scope admin
  registry token create --store postgres://registry@db.example/registry --user pat
  registry token list
  registry token revoke 0f3c…";

/// Create, list and revoke tokens
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct TokenCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a token; its secret is shown only now
    Create(Create),
    /// List tokens, newest first, without their secrets
    List(List),
    /// Revoke a token: it is refused from now on
    Revoke(Revoke),
}

/// The server or the data directory of the tokens.
#[derive(Debug, Args)]
struct TokenLocation {
    #[command(flatten)]
    local: LocalArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Create {
    /// The scope of the token; each scope includes the ones before it
    #[arg(long, value_enum, default_value_t = ScopeArg::Write)]
    scope: ScopeArg,
    /// The purpose of the token, to recognise it in lists
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// When it expires: a span such as 12h, 30d or 52w, or a date such as 2027-12-31 [default: never]
    #[arg(long, value_name = "TIME", value_parser = |text: &str| parse_expiry(text, now()))]
    expires: Option<Timestamp>,
    /// The user of the token [default: yourself; without a server the only user]
    #[arg(long, value_name = "NAME")]
    user: Option<OwnerName>,
    #[command(flatten)]
    target: TokenLocation,
}

#[derive(Debug, Args)]
struct List {
    /// The user of the tokens [default: yourself; without a server all users]
    #[arg(long, value_name = "NAME")]
    user: Option<OwnerName>,
    #[command(flatten)]
    target: TokenLocation,
}

#[derive(Debug, Args)]
struct Revoke {
    /// Id of the token, as listed, or enough of its beginning
    id: TokenIdArg,
    #[command(flatten)]
    target: TokenLocation,
}

/// [`Scope`] for clap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScopeArg {
    /// Read modules and crates
    Read,
    /// Also push, and create modules
    Write,
    /// Also manage users, tokens and everything else
    Admin,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Read => Self::Read,
            ScopeArg::Write => Self::Write,
            ScopeArg::Admin => Self::Admin,
        }
    }
}

impl TokenCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::Create(command) => command.run(output),
            Action::List(command) => command.run(output),
            Action::Revoke(command) => command.run(output),
        }
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let Self { scope, note, expires, user, target } = self;
        let new = NewToken { scope: scope.into(), note, expires };
        let (secret, shown) = match target.local.open()? {
            Some(local) => local.create(user.as_ref(), new)?,
            None => remote::create(&target.server.admin_client()?, user, new)?,
        };
        print_created(output, &secret, &shown)
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let tokens = match self.target.local.open()? {
            Some(local) => local.list(self.user.as_ref())?,
            None => remote::list(&self.target.server.admin_client()?, self.user.as_ref())?,
        };
        output.result(&tokens, || rows(&tokens))?;
        Ok(())
    }
}

impl Revoke {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let id = match self.target.local.open()? {
            Some(local) => {
                let id = self.id.find(|| local.list(None))?;
                local.revoke(id)?;
                id
            }
            None => {
                let client = self.target.server.admin_client()?;
                let id = self.id.find(|| remote::list(&client, None))?;
                remote::revoke(&client, id)?;
                id
            }
        };
        output.result(&serde_json::json!({ "revoked": id }), || vec![format!("revoked {id}")])?;
        Ok(())
    }
}
