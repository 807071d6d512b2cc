//! `registry organization update` and `delete`.

use clap::Args;

use crate::cli::arguments::confirm::ConfirmArgs;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::OwnerName;

use super::view::row;

#[derive(Debug, Args)]
pub(super) struct Update {
    /// The organization
    organization: OwnerName,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    server: ServerArgs,
}

/// What changes; the rest stays.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// A line about it; an empty one clears
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// URL of its web page; an empty one clears
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The organization
    organization: OwnerName,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    server: ServerArgs,
}

impl Update {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let Changes { description, url } = self.changes;
        let changed = block_on(async { Ok(client.update_organization(&self.organization, description, url).await?) })?;
        let shown = row(changed);
        output.result(&shown, || vec![format!("updated {}", shown.organization)])?;
        Ok(())
    }
}

impl Delete {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        self.confirm.require(self.organization.as_str(), output)?;
        block_on(async { Ok(client.delete_organization(&self.organization).await?) })?;
        let shown = serde_json::json!({ "deleted": self.organization });
        output.result(&shown, || vec![format!("deleted {}", self.organization)])?;
        Ok(())
    }
}
