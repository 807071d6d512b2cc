//! `registry webhook`: calls that a registry makes when something happens to modules.

mod deliveries;
mod scope;
mod test_delivery;
mod view;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::{WebhookEvent, WebhookId};
use deliveries::Deliveries;
use scope::ScopeArg;
use test_delivery::Test;
use view::{WebhookRow, row, rows};

const EXAMPLES: &str = "\
Examples:
  registry webhook create acme/pets --url https://ci.example/hook
  registry webhook create acme --url https://ci.example/hook --event push
  registry webhook test 0f3c…
  registry webhook deliveries 0f3c…

Events: push, sdk.published, sdk.failed, breaking, module.deprecated; all if
none is named. Each is a POST of JSON with the headers webhook-id,
webhook-timestamp and webhook-signature of Standard Webhooks. Any status from
200 to 299 takes it; otherwise it is sent again, eight times in 16 hours.

  {\"type\": \"push\", \"timestamp\": \"2026-11-28T09:33:26Z\",
   \"registry\": \"https://registry.example\", \"data\": {\"module\": \"acme/pets\", …}}";

/// Create, list, test and delete webhooks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct WebhookCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a webhook; the secret of its signatures is shown only now
    Create(Create),
    /// List the webhooks of a module, or of all modules of an owner
    List(List),
    /// Delete a webhook with its log
    Delete(Delete),
    /// List what a webhook has sent, and is to send
    Deliveries(Deliveries),
    /// Send a ping, and show what comes of it
    Test(Test),
}

#[derive(Debug, Args)]
struct Create {
    /// The module, as owner/name, or the owner of all modules that it tells of
    #[arg(value_name = "MODULE|OWNER")]
    scope: ScopeArg,
    /// The address that is called, with http or https
    #[arg(long)]
    url: String,
    /// An event that it tells of; repeatable [default: all]
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<WebhookEvent>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct List {
    /// The module, as owner/name, or the owner of all modules that it tells of
    #[arg(value_name = "MODULE|OWNER")]
    scope: ScopeArg,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Delete {
    /// The id, as `list` shows it
    id: WebhookId,
    #[command(flatten)]
    server: ServerArgs,
}

/// A webhook that was created.
#[derive(Serialize)]
struct Created {
    #[serde(flatten)]
    webhook: WebhookRow,
    secret: String,
}

impl WebhookCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::Create(command) => command.run(output),
            Action::List(command) => command.run(output),
            Action::Delete(command) => command.run(output),
            Action::Deliveries(command) => command.run(output),
            Action::Test(command) => command.run(output),
        }
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let scope = self.scope.at(&client)?;
        let (webhook, secret) = block_on(async { Ok(client.create_webhook(&scope, &self.url, &self.events).await?) })?;
        let created = Created { webhook: row(webhook), secret };
        output.result(&created, || {
            vec![format!("webhook  {}", created.webhook.id), format!("secret   {}", created.secret)]
        })?;
        output.say("the secret is not shown again; `registry webhook test` sends a ping");
        Ok(())
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let scope = self.scope.at(&client)?;
        let webhooks = block_on(async { Ok(client.webhooks(&scope).await?) })?;
        let shown: Vec<_> = webhooks.into_iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Delete {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        block_on(async { Ok(client.delete_webhook(self.id).await?) })?;
        output.result(&serde_json::json!({ "id": self.id }), || vec![format!("deleted webhook {}", self.id)])?;
        Ok(())
    }
}
