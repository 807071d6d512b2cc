//! `registry server`: the servers that this user is logged in to. The word is that of the flag `--server`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::config::Environment;
use crate::config::client::{Logins, server_url};

const EXAMPLES: &str = "\
Examples:
  registry server list
  registry server use https://registry.example.com

--server URL and REGISTRY_URL name another server for one command or shell.";

/// List the servers that you are logged in to, choose the default
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ServerCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the servers, without their tokens
    List,
    /// Choose the server that commands use unless told otherwise
    Use {
        /// Address of the server, as `list` shows it
        url: String,
    },
}

/// A login in the output.
#[derive(Serialize)]
struct ServerRow<'a> {
    url: &'a str,
    user: Option<&'a str>,
    /// Whether commands use it unless told otherwise.
    default: bool,
    /// Whether commands use it for its address: another server had that address later.
    in_use: bool,
    data_dir: Option<&'a PathBuf>,
}

impl ServerCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let env = Environment::of_process();
        let logins = Logins::read(&env)?;
        match self.action {
            Action::List => list(&logins, output),
            Action::Use { url } => {
                let url = known(Some(&url), &logins)?;
                Logins::change(&env, |logins| logins.set_default(&url))?;
                output.result(&serde_json::json!({ "default": url }), || vec![format!("the default is {url}")])?;
                Ok(())
            }
        }
    }
}

fn list(logins: &Logins, output: &mut Output) -> Result<(), CliError> {
    let default = logins.default_login();
    let rows: Vec<_> = logins
        .all()
        .iter()
        .map(|login| ServerRow {
            url: &login.url,
            user: login.user.as_deref(),
            default: default == Some(login),
            in_use: logins.counts(login),
            data_dir: login.data_dir.as_ref(),
        })
        .collect();
    let cells = |row: &ServerRow<'_>| {
        let mark = match (row.default, row.in_use) {
            (true, _) => "default",
            (false, true) => "",
            (false, false) => "another server has the address",
        };
        let directory = row.data_dir.map_or_else(String::new, |directory| directory.display().to_string());
        [row.url.to_owned(), row.user.unwrap_or_default().to_owned(), directory, mark.to_owned()]
    };
    output.result(&rows, || table(["URL", "USER", "DATA DIRECTORY", ""], rows.iter().map(cells).collect()))?;
    Ok(())
}

/// The address of a login: the one that was meant by `given`, else the default.
pub(super) fn known(given: Option<&str>, logins: &Logins) -> Result<String, CliError> {
    let Some(given) = given else {
        let default = logins.default_login().map(|login| login.url.clone());
        return default.ok_or_else(|| CliError::Refused("you are logged in to no server".into()));
    };
    let url = server_url(given)?;
    // Without a scheme, the one of the login is meant.
    let is_meant = |login: &&str| **login == url || (!given.contains("://") && login.ends_with(&format!("://{given}")));
    let urls: Vec<_> = logins.all().iter().map(|login| login.url.as_str()).collect();
    urls.iter().find(|login| is_meant(login)).map(|login| (*login).to_owned()).ok_or_else(|| {
        let there = if urls.is_empty() { "no server".to_owned() } else { urls.join(", ") };
        CliError::Refused(format!("you are not logged in to {url}, but to: {there}; `registry login {url}` logs in"))
    })
}
