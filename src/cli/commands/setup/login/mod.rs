//! `registry login` and what belongs to it: one entry per server in one file, and nothing in it replaced silently.

mod browser;
mod credential;
mod local;
mod logout;
mod server;
mod whoami;

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::block_on;
use crate::cli::commands::owners::token::Local;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Client, ClientError};
use crate::config::Environment;
use crate::config::client::{Login as Entry, Logins, URL_VARIABLE, server_url};
use crate::model::{OwnerName, TokenSecret};

pub(in crate::cli) use browser::opens;
pub(in crate::cli) use credential::Credential;
pub(in crate::cli) use credential::answer_cargo;
pub(in crate::cli) use local::note;
pub(in crate::cli) use logout::Logout;
pub(in crate::cli) use server::ServerCommand;
pub(in crate::cli) use whoami::Whoami;

/// The address at which `registry serve` listens unless told otherwise.
const USUAL_URL: &str = "http://localhost:8780";

const EXAMPLES: &str = "\
Examples:
  registry login https://registry.example.com    approve it in the browser
  registry login registry.example.com --token-stdin <token.txt
  registry login --data-dir /var/lib/registry    on the server's own machine

One login serves all commands of `registry`, and cargo in every project that
`registry init` has set up. Logins are kept in
$XDG_CONFIG_HOME/registry/client.toml, one entry per server; `registry server
list` shows them, `registry logout` removes one. The first is the default, until
`registry server use` names another.

With --data-dir, whoever may write to the data directory of a server gets two
tokens without having one: one of scope admin, for `registry user` and `registry
token`, and one of scope write. This is also the way back in when the last token
is lost.";

/// Log in to a server: in the browser, or with a token
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Login {
    /// Address of the server; without a scheme https, but http for this machine [env: REGISTRY_URL]
    /// [default: the default server, else http://localhost:8780]
    url: Option<String>,
    /// Read a token from standard input instead of opening a browser
    #[arg(long, conflicts_with = "data_dir")]
    token_stdin: bool,
    /// Make tokens in this data directory of a server on this machine
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The database that several servers share, one of which has that data directory [env: REGISTRY_STORE]
    #[arg(long, value_name = "ADDRESS", requires = "data_dir")]
    store: Option<String>,
    /// The user of the tokens [default: the first administrator]
    #[arg(long, value_name = "NAME", requires = "data_dir")]
    user: Option<OwnerName>,
    /// Print the address of the page instead of opening a browser
    #[arg(long)]
    no_browser: bool,
}

/// What was done.
#[derive(Serialize)]
struct LoggedIn<'a> {
    url: &'a str,
    user: &'a str,
    /// Whether commands use this server unless told otherwise.
    default: bool,
}

impl Login {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let env = Environment::of_process();
        // Before anything is asked of a server, whose answer would be lost.
        let path = Logins::require_writable(&env)?;
        let logins = Logins::read(&env)?;
        if let Some(directory) = &self.data_dir {
            let directory = std::path::absolute(directory)?;
            let known = logins.of_data_dir(&directory).map(|login| login.url.clone());
            let url = self.url.as_deref().map(server_url).transpose()?.or(known).unwrap_or_else(|| USUAL_URL.into());
            let local = Local::open(Some(&directory), self.store.as_deref())?;
            let entry = local::log_in(&local, &directory, &url, self.user.as_ref(), &path, output)?;
            return keep(entry, &env, output);
        }
        let url = self.address(&env, &logins)?;
        require_no_login(&url, &logins, output)?;
        let token = match self.token_stdin {
            true => from_standard_input()?,
            false => browser::log_in(&url, !self.no_browser, output)?,
        };
        let user = user_of(&url, &token)?;
        let buf_config_dir = logins.of_url(&url).and_then(|before| before.buf_config_dir.clone());
        let entry = Entry { url, user: Some(user), token: token.reveal().into(), buf_config_dir, ..Entry::default() };
        keep(entry, &env, output)
    }

    fn address(&self, env: &Environment, logins: &Logins) -> Result<String, CliError> {
        let named = self.url.as_deref().or_else(|| env.get(URL_VARIABLE));
        let known = || logins.default_login().map_or(USUAL_URL, |login| &login.url);
        Ok(server_url(named.unwrap_or_else(known))?)
    }
}

/// Refuses to replace a login that works.
fn require_no_login(url: &str, logins: &Logins, output: &mut Output) -> Result<(), CliError> {
    let Some(login) = logins.of_url(url) else { return Ok(()) };
    let Some(token) = TokenSecret::presented(login.usual_token().trim()) else { return Ok(()) };
    match block_on(async { Ok(Client::new(url, Some(token))?.current_user().await?) }) {
        Ok(user) => Err(CliError::Refused(format!(
            "you are logged in to {url} already, as {}; `registry logout {url}` ends that first",
            user.name
        ))),
        Err(CliError::Client(ClientError::BadToken { message, .. })) => {
            output.say(format!(
                "the earlier login to {url} is not accepted any more ({message}); this one takes its place"
            ));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// A token alone, as `registry token create` prints it, or with the `Bearer` of `cargo login`.
pub(in crate::cli) fn from_standard_input() -> Result<TokenSecret, CliError> {
    let mut text = String::new();
    std::io::stdin().lock().take(4096).read_to_string(&mut text)?;
    let token = text.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    TokenSecret::presented(token).ok_or_else(|| {
        CliError::Refused("standard input does not hold a token alone; `registry token create` prints one".into())
    })
}

/// The user of a token, as the server knows them.
fn user_of(url: &str, token: &TokenSecret) -> Result<String, CliError> {
    let user = block_on(async { Ok(Client::new(url, Some(token.clone()))?.current_user().await?) });
    match user {
        Ok(user) => Ok(user.name),
        Err(CliError::Client(ClientError::BadToken { url, message })) => {
            Err(CliError::Refused(format!("{url} does not accept this token ({message}); nothing was kept")))
        }
        Err(error) => Err(error),
    }
}

fn keep(entry: Entry, env: &Environment, output: &mut Output) -> Result<(), CliError> {
    let (url, user) = (entry.url.clone(), entry.user.clone().unwrap_or_default());
    let (path, default) = Logins::change(env, |logins| {
        logins.put(entry);
        logins.default_login().map(|login| login.url.clone()).unwrap_or_default()
    })?;
    output.result(&LoggedIn { url: &url, user: &user, default: default == url }, || {
        vec![format!("logged in to {url} as {user}")]
    })?;
    output.say(format!("the login is kept in {}", path.display()));
    if default != url {
        output.say(format!("{default} stays the default; `registry server use {url}` changes that"));
    }
    Ok(())
}
