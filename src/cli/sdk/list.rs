//! `registry sdk`: the crates of a module.

use clap::{ArgGroup, Args, Subcommand};
use serde::Serialize;

use crate::client::SdkRequest;
use crate::model::{CommitId, CrateName, LabelName, ModuleName, PluginRef};
use crate::wire::registry::v1::Sdk;

use super::error::CliError;
use super::output::{Output, table};
use super::server_args::{ServerArgs, block_on};
use super::wire_text;

const EXAMPLES: &str = "\
Examples:
  registry sdk list acme/pets
  registry sdk version acme/pets                                    newest, of prost
  registry sdk version acme/pets --plugin community/neoeinstein-tonic:v0.5.0 --label next";

/// List the crates of a module, or print the version of one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SdkCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List crates with versions and states, newest first
    List(List),
    /// Print the crate version of a commit and a plugin, whether it is generated yet or not
    Version(Version),
}

/// Which commit of the module.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("reference").args(["label", "commit"]))]
struct Reference {
    /// The commit that this label points at [default for version: the module's default label]
    #[arg(long)]
    label: Option<LabelName>,
    /// This commit, by its 32 hex digits
    #[arg(long)]
    commit: Option<CommitId>,
}

impl Reference {
    /// As the server takes it; empty if nothing was said.
    fn text(&self) -> String {
        let label = self.label.as_ref().map(ToString::to_string);
        label.or_else(|| self.commit.map(|commit| commit.to_string())).unwrap_or_default()
    }
}

#[derive(Debug, Args)]
struct List {
    /// The module, as owner/name
    module: ModuleName,
    /// Only crates of this plugin, as owner/name or owner/name:v1.2.3
    #[arg(long)]
    plugin: Option<PluginRef>,
    #[command(flatten)]
    reference: Reference,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Version {
    /// The module, as owner/name
    module: ModuleName,
    /// The plugin, as owner/name or owner/name:v1.2.3
    #[arg(long, default_value = "community/neoeinstein-prost")]
    plugin: PluginRef,
    #[command(flatten)]
    reference: Reference,
    #[command(flatten)]
    server: ServerArgs,
}

/// A crate as commands show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Shown {
    #[serde(rename = "crate")]
    pub(super) name: String,
    pub(super) version: String,
    /// `queued`, `running`, `served` or `failed`.
    pub(super) state: &'static str,
    /// Why it failed.
    pub(super) message: Option<String>,
    pub(super) commit: String,
    pub(super) released: bool,
    pub(super) yanked: bool,
    /// The line that adds it to a project.
    pub(super) cargo_add: String,
}

impl SdkCommand {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Version(command) => command.run(output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let reference = self.reference.text();
        let sdks = block_on(async { Ok(client.sdks(&self.module, &reference, self.plugin.as_ref()).await?) })?;
        let shown: Vec<_> = sdks.into_iter().map(shown).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Version {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let name = CrateName::new(self.module.clone(), self.plugin.name.clone());
        let request = SdkRequest { module: self.module, reference: self.reference.text(), plugin: self.plugin };
        let version = block_on(async { Ok(client.sdk_version(&request).await?) })?.to_string();
        let json = serde_json::json!({ "crate": name.to_string(), "version": version });
        output.result(&json, || vec![version])?;
        Ok(())
    }
}

/// What is shown of a crate.
pub(super) fn shown(sdk: Sdk) -> Shown {
    Shown {
        state: wire_text::sdk_state(sdk.state),
        name: sdk.crate_name,
        version: sdk.version,
        message: (!sdk.message.is_empty()).then_some(sdk.message),
        commit: sdk.commit_id,
        released: sdk.released,
        yanked: sdk.yanked,
        cargo_add: sdk.cargo_add,
    }
}

fn rows(sdks: &[Shown]) -> Vec<String> {
    let cells = sdks.iter().map(|sdk| {
        let note = match &sdk.message {
            Some(message) => message.lines().next().unwrap_or_default().to_owned(),
            None if sdk.yanked => "yanked".to_owned(),
            None => String::new(),
        };
        [sdk.name.clone(), sdk.version.clone(), sdk.state.to_owned(), note]
    });
    table(["CRATE", "VERSION", "STATE", "NOTE"], cells.collect())
}
