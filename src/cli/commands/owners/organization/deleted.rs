//! `registry organization deleted` and `registry organization free`: resting names.

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::wire_text;
use crate::cli::output::{Output, table};
use crate::model::OwnerName;
use crate::wire::registry::v1::RestingName;

#[derive(Debug, Args)]
pub(super) struct Deleted {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
pub(super) struct Free {
    /// The name of the organization that was deleted
    organization: OwnerName,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct DeletedOwnerRow {
    name: String,
    deleted: Option<String>,
    /// When anybody can take it.
    free: Option<String>,
}

impl Deleted {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.admin_client()?;
        let names = block_on(async { Ok(client.resting_names().await?) })?;
        let shown: Vec<_> = names.into_iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Free {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.admin_client()?;
        block_on(async { Ok(client.free_name(&self.organization).await?) })?;
        let json = serde_json::json!({ "name": self.organization });
        output.result(&json, || vec![format!("anybody can take the name {} now", self.organization)])?;
        Ok(())
    }
}

fn row(resting: RestingName) -> DeletedOwnerRow {
    DeletedOwnerRow {
        deleted: wire_text::time(resting.delete_time.as_option()),
        free: wire_text::time(resting.free_time.as_option()),
        name: resting.name,
    }
}

fn rows(names: &[DeletedOwnerRow]) -> Vec<String> {
    let text = |time: &Option<String>| time.clone().unwrap_or_default();
    let cells = names.iter().map(|shown| [shown.name.clone(), text(&shown.deleted), text(&shown.free)]);
    table(["NAME", "DELETED", "FREE"], cells.collect())
}
