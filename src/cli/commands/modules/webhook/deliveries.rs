//! `registry webhook deliveries`: the log of a webhook.

use clap::Args;

use super::view::{delivery_row, delivery_rows};
use crate::cli::arguments::number::within;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::WebhookId;

#[derive(Debug, Args)]
pub(super) struct Deliveries {
    /// The id, as `list` shows it
    id: WebhookId,
    /// How many to list, the latest first
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = within(1..=250))]
    limit: u32,
    #[command(flatten)]
    server: ServerArgs,
}

impl Deliveries {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let deliveries = block_on(async { Ok(client.webhook_deliveries(self.id, self.limit).await?) })?;
        let shown: Vec<_> = deliveries.into_iter().map(delivery_row).collect();
        output.result(&shown, || delivery_rows(&shown))?;
        Ok(())
    }
}
