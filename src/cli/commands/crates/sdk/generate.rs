//! `registry sdk generate`: generates a crate now, and on every later push.

use clap::Args;
use connectrpc::ErrorCode;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::{ClientError, SdkRequest};
use crate::model::PluginRef;

use super::selector::Reference;
use super::view::{lines, row, verdict};
use super::wait::settled;

const EXAMPLES: &str = "\
Examples:
  registry sdk generate acme/pets --plugin anthropics/buffa
  registry sdk generate acme/pets --label next \\
      --plugin community/neoeinstein-prost:v0.4.0
  registry sdk generate acme/pets --commit ce529d32d80c \\
      --plugin anthropics/buffa

A label (the default label if none is named) is kept generated from then on, by
the newest version of the plugin or by the one named: see `registry interest`. A
commit is generated once.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// The module, as owner/name
    module: ModuleArg,
    /// The plugin, as owner/name or owner/name:v1.2.3
    #[arg(long)]
    plugin: PluginRef,
    #[command(flatten)]
    reference: Reference,
    /// Do not wait until the crate is generated
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Generate {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        let keep = !self.reference.is_commit();
        let request = SdkRequest { module, reference: self.reference.text(), plugin: self.plugin };
        let mut progress = Progress::new(output.can_draw());
        let sdks = block_on(async {
            let asked = client.generate_sdk(&request, keep).await.map_err(|error| explain(error, keep))?;
            if self.no_wait { Ok(vec![asked]) } else { settled(&client, vec![asked], &mut progress).await }
        })?;
        drop(progress);
        for sdk in sdks.into_iter().map(row) {
            output.result(&sdk, || lines(&sdk))?;
            verdict([&sdk])?;
        }
        Ok(())
    }
}

/// Adds advice to a refusal: the right to read is enough for a crate, but not for an interest.
fn explain(error: ClientError, keep: bool) -> CliError {
    if keep && error.code() == Some(ErrorCode::PermissionDenied) {
        return CliError::Refused(format!(
            "{error} (--commit makes a single crate, which takes only the right to read)"
        ));
    }
    error.into()
}
