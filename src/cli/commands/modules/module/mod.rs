//! `registry module`: lists, shows, creates, changes and deletes modules.

mod change;
mod view;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::Client;
use crate::model::{LabelName, ModuleName, OwnerName};
use crate::wire::buf::registry::module::v1::Module;
pub(in crate::cli) use view::VisibilityArg;
use view::{lines, row, rows};

const EXAMPLES: &str = "\
Examples:
  registry module list
  registry module info acme/pets
  registry module create acme/pets --visibility public
  registry module update acme/pets --description 'Dogs and cats'
  registry module update acme/pets --breaking refuse:wire_json,rust
  registry module deprecate acme/pets
  registry module delete acme/pets";

/// List, show, create, change and delete modules
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ModuleCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the modules that you may read
    List(List),
    /// Show one module
    Info(Info),
    /// Create a module without commits; `push --create` does it too
    Create(Create),
    /// Change visibility, texts, default label or gate of a module
    Update(change::Update),
    /// Mark a module as deprecated; it goes on working
    Deprecate(change::Deprecate),
    /// Take the mark of a deprecated module away
    Undeprecate(change::Undeprecate),
    /// Delete a module with its commits and crates
    Delete(change::Delete),
}

#[derive(Debug, Args)]
struct List {
    /// Only modules of this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<OwnerName>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Info {
    /// The module, as owner/name
    module: ModuleArg,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Create {
    /// The module, as owner/name
    module: ModuleArg,
    /// Who may read it
    #[arg(long, value_enum, default_value_t = VisibilityArg::Private)]
    visibility: VisibilityArg,
    /// The label whose commits are releases [default: main]
    #[arg(long, value_name = "LABEL")]
    default_label: Option<LabelName>,
    #[command(flatten)]
    server: ServerArgs,
}

impl ModuleCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Info(command) => command.run(output),
            Action::Create(command) => command.run(output),
            Action::Update(command) => command.run(output),
            Action::Deprecate(command) => command.run(output),
            Action::Undeprecate(command) => command.run(output),
            Action::Delete(command) => command.run(output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let modules = block_on(async {
            let modules = client.list_modules(self.owner.as_ref()).await?;
            let owners = owner_names(&client).await?;
            let named: Vec<_> = modules.into_iter().map(|module| named(module, &owners)).collect();
            // A name that is no module's has no head to look for.
            let known = named.iter().filter_map(|(name, _)| Some((name.parse().ok()?, String::new())));
            let references: Vec<(ModuleName, String)> = known.collect();
            let heads = client.each_commit(&references).await?.into_iter().zip(&references);
            let heads: BTreeMap<_, _> =
                heads.filter_map(|(head, (name, _))| Some((name.to_string(), head.ok()?))).collect();
            let shown = named.into_iter().map(|(name, module)| {
                let head = heads.get(&name);
                row(name, module, head)
            });
            Ok(shown.collect::<Vec<_>>())
        })?;
        output.result(&modules, || rows(&modules))?;
        Ok(())
    }
}

impl Info {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        let (found, gate, head) = block_on(async {
            let found = client.known_module(&module).await?;
            let gate = client.module_gate(&module).await?;
            Ok((found, gate, client.each_commit(&[(module.clone(), String::new())]).await?.pop()))
        })?;
        let head = head.and_then(Result::ok);
        let shown = row(module.to_string(), found, head.as_ref()).with_gate(gate);
        output.result(&shown, || lines(&shown))?;
        Ok(())
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        let label = self.default_label.as_ref();
        let created = block_on(async { Ok(client.create_module(&module, self.visibility.into(), label).await?) })?;
        let shown = row(module.to_string(), created, None);
        output.result(&shown, || vec![format!("created {}", shown.module)])?;
        Ok(())
    }
}

/// Names of owners by their ids.
pub(in crate::cli) async fn owner_names(client: &Client) -> Result<BTreeMap<String, String>, CliError> {
    let organizations = client.organizations().await?.into_iter().map(|owner| (owner.id, owner.name));
    let users = client.users().await?.into_iter().map(|owner| (owner.id, owner.name));
    Ok(organizations.chain(users).collect())
}

/// A module of a list with its full name: the owner's is looked up by id.
fn named(module: Module, owners: &BTreeMap<String, String>) -> (String, Module) {
    let owner = owners.get(&module.owner_id).unwrap_or(&module.owner_id);
    (format!("{owner}/{}", module.name), module)
}
