//! `registry compare`: what changed between two versions of a module, and what breaks.

pub(in crate::cli) mod report;
mod side;

use clap::Args;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::breaking_rules;
use crate::model::{BreakingCategory, BreakingConfig};
use crate::wire::registry::v1::CompareRequest;
use report::{Comparison, fail_on};
use side::Side;

const EXAMPLES: &str = "\
Examples:
  registry compare acme/pets:v1 acme/pets
      a label or commit, and the default label
  registry compare acme/pets ./proto  before a push
  registry compare acme/pets ./proto --fail-on wire_json,rust
  registry compare ./before ./after   two directories

Categories, the strictest first: file, package, wire_json and wire are those of
`buf breaking`, with its rules; rust is code that uses the crates of the old
version. A directory's buf.yaml says what is left out: `except`, `ignore`,
`ignore_only` and `ignore_unstable_packages` of its `breaking` section. Nothing
is stored. The exit code is 1 only if --fail-on names a category that breaks.";

/// Compare two versions of a module, and say what breaks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Compare {
    /// The old version: OWNER/MODULE, OWNER/MODULE:LABEL, OWNER/MODULE:COMMIT, or a directory as ./DIR
    #[arg(value_name = "OLD")]
    old: Side,
    /// The new version, in the same forms
    #[arg(value_name = "NEW")]
    new: Side,
    /// Exit with code 1 if something breaks in this category: file, package, wire_json, wire, csr, rust
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    fail_on: Vec<BreakingCategory>,
    /// Leave out packages such as acme.pets.v1alpha1 and v1beta1
    #[arg(long)]
    ignore_unstable_packages: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Compare {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let names = (self.old.to_string(), self.new.to_string());
        let shared = side::shared_name(&self.old, &self.new)?;
        let comparison = block_on(async {
            let (old, _, old_files) = self.old.version(&client, self.new.module().or(shared.as_ref())).await?;
            let (new, config, new_files) = self.new.version(&client, self.old.module().or(shared.as_ref())).await?;
            let config = config.unwrap_or_default().of_categories(&BreakingCategory::ALL);
            let unstable = config.ignore_unstable_packages || self.ignore_unstable_packages;
            let config = BreakingConfig { ignore_unstable_packages: unstable, ..config };
            let rules = breaking_rules(&config).into();
            let response =
                client.compare(CompareRequest { old: old.into(), new: new.into(), rules, as_release: false }).await;
            let response = response.map_err(|error| match (old_files, new_files) {
                (Some(files), None) | (None, Some(files)) => files.locate(error),
                // Files of two directories, or of none.
                _ => error.into(),
            })?;
            Ok(Comparison::new(names.0, names.1, response))
        })?;
        output.result(&comparison, || comparison.lines())?;
        fail_on(&[&comparison], &self.fail_on)
    }
}
