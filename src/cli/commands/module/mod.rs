//! `registry module`: lists, shows, creates, changes and deletes modules.

mod change;

use std::collections::BTreeMap;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::wire_text;
use crate::cli::output::{Output, table};
use crate::client::Client;
use crate::model::{LabelName, ModuleName, OwnerName};
use crate::wire::buf::registry::module::v1::{Module, ModuleState, ModuleVisibility};

const EXAMPLES: &str = "\
Examples:
  registry module list
  registry module info acme/pets
  registry module create acme/pets --visibility public
  registry module update acme/pets --description 'Dogs and cats'
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
    /// Create a module without commits; `registry push --create` does it too
    Create(Create),
    /// Change the visibility, the texts or the default label of a module
    Update(change::Update),
    /// Mark a module as deprecated; it goes on working
    Deprecate(change::Deprecate),
    /// Take the mark of a deprecated module away
    Undeprecate(change::Deprecate),
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
    module: ModuleName,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Create {
    /// The module, as owner/name
    module: ModuleName,
    /// Who may read it
    #[arg(long, value_enum, default_value_t = VisibilityArg::Private)]
    visibility: VisibilityArg,
    /// The label whose commits are releases [default: main]
    #[arg(long, value_name = "LABEL")]
    default_label: Option<LabelName>,
    #[command(flatten)]
    server: ServerArgs,
}

/// The visibility of a new module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum VisibilityArg {
    /// Everybody who may read the registry
    Public,
    /// Only its owner, or the members of the organization that owns it
    Private,
}

impl From<VisibilityArg> for ModuleVisibility {
    fn from(visibility: VisibilityArg) -> Self {
        match visibility {
            VisibilityArg::Public => Self::MODULE_VISIBILITY_PUBLIC,
            VisibilityArg::Private => Self::MODULE_VISIBILITY_PRIVATE,
        }
    }
}

#[derive(Serialize)]
struct ModuleRow {
    module: String,
    visibility: &'static str,
    default_label: String,
    deprecated: bool,
    description: String,
    url: String,
    created: Option<String>,
    updated: Option<String>,
}

impl ModuleCommand {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Info(command) => command.run(output),
            Action::Create(command) => command.run(output),
            Action::Update(command) => command.run(output),
            Action::Deprecate(command) => command.run(ModuleState::MODULE_STATE_DEPRECATED, output),
            Action::Undeprecate(command) => command.run(ModuleState::MODULE_STATE_ACTIVE, output),
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
            Ok(modules.into_iter().map(|module| listed(module, &owners)).collect::<Vec<_>>())
        })?;
        output.result(&modules, || rows(&modules))?;
        Ok(())
    }
}

impl Info {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = block_on(async { Ok(client.known_module(&self.module).await?) })?;
        let shown = row(self.module.to_string(), module);
        output.result(&shown, || lines(&shown))?;
        Ok(())
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let label = self.default_label.as_ref();
        let module = block_on(async { Ok(client.create_module(&self.module, self.visibility.into(), label).await?) })?;
        let shown = row(self.module.to_string(), module);
        output.result(&shown, || vec![format!("created {}", shown.module)])?;
        Ok(())
    }
}

/// Names of owners by their ids.
async fn owner_names(client: &Client) -> Result<BTreeMap<String, String>, CliError> {
    let organizations = client.organizations().await?.into_iter().map(|owner| (owner.id, owner.name));
    let users = client.users().await?.into_iter().map(|owner| (owner.id, owner.name));
    Ok(organizations.chain(users).collect())
}

/// A module of a list, with the owner's name looked up by id.
fn listed(module: Module, owners: &BTreeMap<String, String>) -> ModuleRow {
    let owner = owners.get(&module.owner_id).unwrap_or(&module.owner_id);
    row(format!("{owner}/{}", module.name), module)
}

fn row(name: String, module: Module) -> ModuleRow {
    ModuleRow {
        module: name,
        visibility: wire_text::visibility(module.visibility),
        default_label: module.default_label_name,
        deprecated: wire_text::is_deprecated(module.state),
        description: module.description,
        url: module.url,
        created: wire_text::time(module.create_time.as_option()),
        updated: wire_text::time(module.update_time.as_option()),
    }
}

fn rows(modules: &[ModuleRow]) -> Vec<String> {
    let cells = modules.iter().map(|module| {
        let note = if module.deprecated { "deprecated" } else { "" };
        let updated = module.updated.clone().unwrap_or_default();
        [module.module.clone(), module.visibility.into(), module.default_label.clone(), updated, note.into()]
    });
    table(["MODULE", "VISIBILITY", "DEFAULT LABEL", "UPDATED", "NOTE"], cells.collect())
}

fn lines(module: &ModuleRow) -> Vec<String> {
    let rows = [
        ("module", module.module.clone()),
        ("visibility", module.visibility.to_owned()),
        ("default label", module.default_label.clone()),
        ("created", module.created.clone().unwrap_or_default()),
        ("updated", module.updated.clone().unwrap_or_default()),
        ("description", module.description.clone()),
        ("url", module.url.clone()),
        ("deprecated", if module.deprecated { "yes".to_owned() } else { String::new() }),
    ];
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| format!("{name:<14}{value}")).collect()
}
