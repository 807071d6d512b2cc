//! `registry sdk yank` and `unyank`: keeps cargo from choosing a version, and allows it again.

use clap::Args;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::SdkVersion;

use super::selector::SdkSelector;
use super::view::{SdkRow, row};

const EXAMPLES: &str = "\
Examples:
  registry sdk yank acme_pets_community_neoeinstein-prost \\
      0.5.0-20240523144506-ce529d32d80c.1
  registry sdk yank acme/pets 0.5.0-20240523144506-ce529d32d80c.1
      all crates of that version
  registry sdk unyank acme/pets 0.5.0-20240523144506-ce529d32d80c.1

For a schema that was pushed by mistake. The crate stays downloadable, and
projects that have it in their lock file still build; cargo does not choose it
any more. Yanking takes the right to delete the module.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Yank {
    #[command(flatten)]
    versions: Versions,
    /// Undo a yank, like `registry sdk unyank`
    #[arg(long)]
    undo: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Unyank {
    #[command(flatten)]
    versions: Versions,
}

/// A version of one crate, or of all crates of a module with that version.
#[derive(Debug, Args)]
struct Versions {
    #[command(flatten)]
    which: SdkSelector,
    /// The version, in full
    version: SdkVersion,
    #[command(flatten)]
    server: ServerArgs,
}

impl Yank {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        self.versions.set(!self.undo, output)
    }
}

impl Unyank {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        self.versions.set(false, output)
    }
}

impl Versions {
    fn set(self, yanked: bool, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let sdks = block_on(async {
            let mut changed = vec![];
            for sdk in self.which.of_version(&client, &self.version).await? {
                changed.push(client.yank_sdk(&sdk, yanked).await?);
            }
            Ok(changed)
        })?;
        let shown: Vec<_> = sdks.into_iter().map(row).collect();
        let done = if yanked { "yanked" } else { "not yanked any more" };
        let line = |sdk: &SdkRow| format!("{} {} is {done}", sdk.name, sdk.version);
        output.result(&shown, || shown.iter().map(line).collect::<Vec<_>>())?;
        Ok(())
    }
}
