//! `registry plugin`: the plugins of the server.

mod install;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::wire::registry::v1::{Plugin, RuntimeCrate};

const EXAMPLES_AND_CONTRACT: &str = "\
Examples:
  registry plugin list
  registry plugin list --json
  registry plugin install anthropics/buffa:v0.9.1
      versions of the BSR that are not built in

Any protoc plugin can be a [[plugin]] of the file that `registry serve --config`
reads; `registry config --help` names the keys. It reads a CodeGeneratorRequest
and writes a CodeGeneratorResponse.

What it is sent:
  - the files of one module, to generate, and those that they import
  - the options of its [[plugin]] and of the module's registry.yaml, and for
    each package of another module, or for its types, one that says where their
    code is, as prost's or buffa's plugin takes it:
    extern_path=.acme.pets.v1=::acme_pets_acme_dto::acme::pets::v1

What is expected in its answer:
  acme.pets.v1.rs        code of package acme.pets.v1: the module acme::pets::v1
  acme.pets.v1.stubs.rs  with submodule = \"stubs\": acme::pets::v1::stubs
  _.rs                   code of files without a package; with family = \"buffa\"
                         the name is __buffa.rs
  - One file a module. Every package that declares types has one, unless
    plugin-deps names the plugin that makes the types.
  - Files of any other name are left out. Cargo.toml and lib.rs are made here:
    lib.rs includes each file in its module, so a file holds items alone, no
    `#![...]` and no `//!`.
  - Text for an insertion point goes above the last line
    `// @@protoc_insertion_point(NAME)` of the file, which must be one of its
    own. `buf generate` puts it into files of other plugins too.
  - Names of files are relative, with `/`, and stay inside the output.
  - An error in the answer refuses the request and is told. Else it exits with
    0.
  - The same request has the same answer.";

/// List the plugins that crates are made with, and install more
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES_AND_CONTRACT)]
pub(in crate::cli) struct PluginCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List plugins and their versions
    List(List),
    Install(install::Install),
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
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Install(command) => command.run(output),
        }
    }
}

impl List {
    fn run(&self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
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
