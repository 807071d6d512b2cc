//! `registry sdk retry`: retries failed crates.

use clap::Args;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::Client;
use crate::model::SdkVersion;
use crate::wire::registry::v1::{Sdk, SdkState};

use super::selector::{Reference, SdkSelector};
use super::view::{print_each, row};
use super::wait::settled;

const EXAMPLES: &str = "\
Examples:
  registry sdk retry acme/pets  what failed of the default label's head
  registry sdk retry acme/pets --label next --plugin anthropics/buffa
  registry sdk retry acme_pets_anthropics_buffa \\
      0.9.2-20240523144506-ce529d32d80c.1";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Retry {
    #[command(flatten)]
    which: SdkSelector,
    /// The failed version [default: all failed crates of the commit]
    #[arg(conflicts_with = "reference")]
    version: Option<SdkVersion>,
    #[command(flatten)]
    reference: Reference,
    /// Do not wait until the crates are generated
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Retry {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let mut progress = Progress::new(output.can_draw());
        let sdks = block_on(async {
            let retried = self.retry(&client).await?;
            if self.no_wait { Ok(retried) } else { settled(&client, retried, &mut progress).await }
        })?;
        drop(progress);
        if sdks.is_empty() {
            output.say("nothing failed");
        }
        let shown: Vec<_> = sdks.into_iter().map(row).collect();
        print_each(&shown, output)
    }

    async fn retry(&self, client: &Client) -> Result<Vec<Sdk>, CliError> {
        let mut sdks = match &self.version {
            Some(version) => self.which.of_version(client, version).await?,
            None => self.which.of_commit(client, &self.reference).await?,
        };
        sdks.retain(|sdk| sdk.state.as_known() == Some(SdkState::SDK_STATE_FAILED));
        let mut retried = Vec::with_capacity(sdks.len());
        for sdk in sdks {
            retried.push(client.retry_sdk(&sdk).await?);
        }
        Ok(retried)
    }
}
