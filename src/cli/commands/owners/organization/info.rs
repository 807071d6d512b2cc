//! `registry organization info`: one organization, with its settings for members.

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::gate::GateRow;
use crate::client::OwnerSettings;
use crate::model::OwnerName;
use crate::wire::buf::registry::owner::v1::Organization;

use super::view::{OrganizationRow, row};

#[derive(Debug, Args)]
pub(super) struct Info {
    /// The organization
    organization: OwnerName,
    #[command(flatten)]
    server: ServerArgs,
}

/// An organization with its settings, which only members see.
#[derive(Serialize)]
pub(super) struct WithSettings {
    #[serde(flatten)]
    organization: OrganizationRow,
    breaking: Option<GateRow>,
    unique_names: Option<String>,
}

impl WithSettings {
    pub(super) fn of(organization: Organization, settings: Option<OwnerSettings>) -> Self {
        let (breaking, unique_names) = match settings {
            Some(OwnerSettings { gate, unique_names }) => (Some(gate.into()), Some(unique_names)),
            None => (None, None),
        };
        Self { organization: row(organization), breaking, unique_names }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = self.organization.lines();
        lines.extend(self.breaking.as_ref().map(|gate| format!("{:<14}{}", "breaking", gate.line())));
        lines.extend(self.unique_names.as_ref().map(|word| format!("{:<14}{word}", "unique names")));
        lines
    }
}

impl Info {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let shown = block_on(async {
            let organization = client.known_organization(&self.organization).await?;
            Ok(WithSettings::of(organization, client.owner_settings(&self.organization).await?))
        })?;
        output.result(&shown, || shown.lines())?;
        Ok(())
    }
}
