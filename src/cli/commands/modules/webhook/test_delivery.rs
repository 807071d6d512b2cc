//! `registry webhook test`: sends a ping, and waits for what comes of it.

use std::time::Duration;

use clap::Args;

use super::view::{DeliveryRow, delivery_row};
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::Client;
use crate::model::WebhookId;

/// How often, and how many times, the log is looked at: a little longer than one call may take.
const PAUSE: Duration = Duration::from_millis(100);
const LOOKS: u32 = 150;

/// How many deliveries are looked through for the ping: others may come in between.
const RECENT: u32 = 250;

#[derive(Debug, Args)]
pub(super) struct Test {
    /// The id, as `list` shows it
    id: WebhookId,
    #[command(flatten)]
    server: ServerArgs,
}

impl Test {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let ping = block_on(ping(&client, self.id))?;
        let delivered = ping.state == "delivered";
        let status = ping.status.unwrap_or_default();
        output.result(&ping, || {
            delivered.then(|| format!("delivered: the receiver answered {status}")).into_iter().collect()
        })?;
        match ping.state {
            "delivered" => Ok(()),
            "failed" => Err(CliError::Refused(format!("the ping was not delivered: {}", ping.message))),
            _ => {
                Err(CliError::Refused("the ping waits behind others; `registry webhook deliveries` shows them".into()))
            }
        }
    }
}

/// Sends a ping, and returns it once it was tried, or after a while.
async fn ping(client: &Client, webhook: WebhookId) -> Result<DeliveryRow, CliError> {
    let id = client.test_webhook(webhook).await?;
    let mut last = None;
    for _ in 0..LOOKS {
        let deliveries = client.webhook_deliveries(webhook, RECENT).await?;
        last = deliveries.into_iter().find(|delivery| delivery.id == id).map(delivery_row).or(last);
        if last.as_ref().is_some_and(|ping| ping.state != "pending") {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    last.ok_or_else(|| CliError::Refused("the webhook was deleted before its ping was sent".into()))
}
