//! `registry sdk status`: the state of the crates of one commit.

use clap::Args;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;

use super::selector::{Reference, SdkSelector};
use super::view::{row, rows, verdict};
use super::wait::settled;

const EXAMPLES: &str = "\
Examples:
  registry sdk status acme/pets
  registry sdk status acme/pets --label next --wait";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Status {
    #[command(flatten)]
    which: SdkSelector,
    #[command(flatten)]
    reference: Reference,
    /// Wait until nothing is queued or running any more
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Status {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let mut progress = Progress::new(output.can_draw());
        let sdks = block_on(async {
            let sdks = self.which.of_commit(&client, &self.reference).await?;
            if self.wait { settled(&client, sdks, &mut progress).await } else { Ok(sdks) }
        })?;
        drop(progress);
        let shown: Vec<_> = sdks.into_iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        verdict(&shown)
    }
}
