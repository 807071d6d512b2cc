//! `registry logout`: forgets a login.

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::Environment;
use crate::config::client::Logins;

use super::server::known;

const EXAMPLES: &str = "\
Examples:
  registry logout https://registry.example.com

The token stays valid on the server until it ends or is revoked: `registry token
list` and `registry token revoke ID` do that, before the logout.";

/// Forget the login for a server
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Logout {
    /// Address of the server, as `registry server list` shows it [default: the default server]
    url: Option<String>,
}

impl Logout {
    pub(in crate::cli) fn run(&self, output: &mut Output) -> Result<(), CliError> {
        let env = Environment::of_process();
        let url = known(self.url.as_deref(), &Logins::read(&env)?)?;
        let (_, default) = Logins::change(&env, |logins| {
            logins.remove(&url);
            logins.default_login().map(|login| login.url.clone())
        })?;
        output
            .result(&serde_json::json!({ "url": url, "default": default }), || vec![format!("logged out of {url}")])?;
        if let Some(default) = default {
            output.say(format!("the default is {default}"));
        }
        Ok(())
    }
}
