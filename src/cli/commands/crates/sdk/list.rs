//! `registry sdk list` and `version`: the crates of a module, and the crate version of a commit.

use clap::Args;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::SdkRequest;
use crate::model::{CrateName, PluginRef};

use super::selector::Reference;
use super::view::{row, rows};

#[derive(Debug, Args)]
pub(super) struct List {
    /// The module, as owner/name
    module: ModuleArg,
    /// Only crates of this plugin, as owner/name or owner/name:v1.2.3
    #[arg(long)]
    plugin: Option<PluginRef>,
    #[command(flatten)]
    reference: Reference,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
pub(super) struct Version {
    /// The module, as owner/name
    module: ModuleArg,
    /// The plugin, as owner/name or owner/name:v1.2.3
    #[arg(long, default_value = "community/neoeinstein-prost")]
    plugin: PluginRef,
    #[command(flatten)]
    reference: Reference,
    #[command(flatten)]
    server: ServerArgs,
}

impl List {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        let reference = self.reference.text();
        let sdks = block_on(async { Ok(client.sdks(&module, &reference, self.plugin.as_ref()).await?) })?;
        let shown: Vec<_> = sdks.into_iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Version {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        let name = CrateName::new(module.clone(), self.plugin.name.clone());
        let request = SdkRequest { module, reference: self.reference.text(), plugin: self.plugin };
        let version = block_on(async { Ok(client.sdk_version(&request).await?) })?.to_string();
        let json = serde_json::json!({ "crate": name.to_string(), "version": version });
        output.result(&json, || vec![version])?;
        Ok(())
    }
}
