//! `registry whoami`: the user of the login, as the server knows them.

use clap::Args;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::client::server_url;

/// Show the user that commands act for
#[derive(Debug, Args)]
pub(in crate::cli) struct Whoami {
    /// Address of the server, as --server
    url: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

impl Whoami {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let Self { url, mut server } = self;
        if let Some(url) = url {
            server.server = Some(server_url(&url)?);
        }
        let client = server.client()?;
        let user = block_on(async { Ok(client.current_user().await?) })?;
        let shown = serde_json::json!({ "user": user.name, "url": client.url() });
        output.result(&shown, || vec![format!("{} on {}", user.name, client.url())])?;
        Ok(())
    }
}
