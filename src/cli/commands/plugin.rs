//! `registry plugin`: the plugins of the server.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::wire::registry::v1::{Plugin, RuntimeCrate};

/// List the plugins that the server can generate crates with
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  registry plugin list\n  registry plugin list --json")]
pub(in crate::cli) struct PluginCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List plugins and their versions
    List(List),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct PluginRow<'a> {
    name: &'a str,
    version: &'a str,
    revision: u32,
    description: &'a str,
    licence: &'a str,
    rust_version: &'a str,
    options: &'a [String],
    dependencies: Vec<String>,
    deprecated: bool,
}

impl PluginCommand {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let Action::List(command) = self.action;
        let client = command.server.client()?;
        let plugins = block_on(async { Ok(client.plugins().await?) })?;
        let shown: Vec<_> = plugins.iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

fn row(plugin: &Plugin) -> PluginRow<'_> {
    PluginRow {
        name: &plugin.name,
        version: &plugin.version,
        revision: plugin.revision,
        description: &plugin.description,
        licence: &plugin.licence,
        rust_version: &plugin.rust_version,
        options: &plugin.options,
        dependencies: plugin.runtime_crates.iter().map(requirement).collect(),
        deprecated: plugin.deprecated,
    }
}

fn requirement(dependency: &RuntimeCrate) -> String {
    format!("{} {}", dependency.name, dependency.requirement)
}

fn rows(plugins: &[PluginRow<'_>]) -> Vec<String> {
    let cells = plugins.iter().map(|plugin| {
        let note = if plugin.deprecated { "deprecated" } else { "" };
        let revision = plugin.revision.to_string();
        let rust = plugin.rust_version.to_owned();
        [plugin.name.to_owned(), plugin.version.to_owned(), revision, rust, plugin.dependencies.join(", "), note.into()]
    });
    table(["PLUGIN", "VERSION", "REVISION", "RUST", "DEPENDENCIES", "NOTE"], cells.collect())
}
