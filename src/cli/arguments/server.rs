//! The flags that name the server of a command.

use clap::Args;

use crate::cli::error::CliError;
use crate::client::Client;
use crate::config::client::{self, ServerAddress};
use crate::config::{ConfigError, Environment};

/// Without these, REGISTRY_URL and REGISTRY_TOKEN are used, else the login of this user.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ServerArgs {
    /// URL or host of the server [env: REGISTRY_URL] [default: that of `registry server list`]
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) server: Option<String>,
    /// Token for the server [env: REGISTRY_TOKEN] [default: that of the login, see `registry login`]
    #[arg(long, value_name = "TOKEN")]
    pub(in crate::cli) token: Option<String>,
}

impl ServerArgs {
    /// The chosen server.
    pub(in crate::cli) fn address(&self) -> Result<ServerAddress, ConfigError> {
        client::find(self.server.as_deref(), self.token.as_deref(), &Environment::of_process())
    }

    /// A client of the server with the token for commands of administrators. Nothing is sent yet.
    pub(in crate::cli) fn admin_client(&self) -> Result<Client, CliError> {
        let address = self.address()?;
        Ok(Client::new(&address.url, address.admin_token)?)
    }

    /// A client of the server. Nothing is sent yet.
    pub(in crate::cli) fn client(&self) -> Result<Client, CliError> {
        let address = self.address()?;
        Ok(Client::new(&address.url, address.token)?)
    }
}

/// Runs the calls of a command to completion.
pub(in crate::cli) fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
