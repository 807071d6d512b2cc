//! `registry organization update` and `delete`.

use clap::Args;

use crate::cli::arguments::confirm::ConfirmArgs;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, gate};
use crate::model::{OwnerName, UniqueNames};

use super::info::WithSettings;

const EXAMPLES: &str = "\
Examples:
  registry organization update acme --breaking 'refuse:wire unstable-exempt'
  registry organization update acme --breaking default  what the server says
  registry organization update acme --unique-names warn

A module's own gate comes first; `registry module update --help` names the words
of one. Names are unique if no two modules of the organization have a type of
one full name, or a file of one path, on their default labels.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = "registry organization update [OPTIONS] <ORGANIZATION>")]
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
    /// The gate before a release of its modules; repeatable, `default` takes it back
    #[arg(long, value_name = "GATE", value_parser = gate::given)]
    breaking: Vec<String>,
    /// What is done with types and files that another module of it has: off, warn or refuse
    #[arg(long, value_name = "HOW")]
    unique_names: Option<UniqueNames>,
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
        let Changes { description, url, breaking, unique_names } = self.changes;
        let (gate, unique_names) = (gate::words(&breaking), unique_names.map(|word| word.to_string()));
        let name = &self.organization;
        let shown = block_on(async {
            let settings = match gate.is_some() || unique_names.is_some() {
                true => Some(client.update_owner_settings(name, gate, unique_names).await?),
                false => client.owner_settings(name).await?,
            };
            let organization = match description.is_some() || url.is_some() {
                true => client.update_organization(name, description, url).await?,
                false => client.known_organization(name).await?,
            };
            Ok(WithSettings::of(organization, settings))
        })?;
        output.result(&shown, || vec![format!("updated {name}")])?;
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
