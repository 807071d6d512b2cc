//! `registry module update`, `deprecate`, `undeprecate` and `delete`.

use clap::Args;

use crate::cli::arguments::confirm::ConfirmArgs;
use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, gate};
use crate::client::ModuleChanges;
use crate::model::LabelName;
use crate::wire::buf::registry::module::v1::ModuleState;

use super::view::{VisibilityArg, lines, row};

const EXAMPLES: &str = "\
Examples:
  registry module update acme/pets --visibility public
  registry module update acme/pets --breaking 'refuse:wire_json,rust warn:file'
  registry module update acme/pets --breaking default
      what the owner or the server says

A gate is off, or words: warn:CATEGORY,… and refuse:CATEGORY,… with file,
package, wire_json, wire or rust; unstable-exempt lets packages such as
acme.pets.v1beta1 break; with buf-yaml, the exceptions of a pushed buf.yaml hold
for what is refused too, and not for warnings alone.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = "registry module update [OPTIONS] <MODULE>")]
pub(super) struct Update {
    /// The module, as owner/name
    module: ModuleArg,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    server: ServerArgs,
}

/// What changes; the rest stays.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Who may read it
    #[arg(long, value_enum)]
    visibility: Option<VisibilityArg>,
    /// A line about it; an empty one clears
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// URL of its web page; an empty one clears
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The label whose commits are releases
    #[arg(long, value_name = "LABEL")]
    default_label: Option<LabelName>,
    /// The gate before a release; repeatable, `default` takes it back
    #[arg(long, value_name = "GATE", value_parser = gate::given)]
    breaking: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Deprecate {
    /// The module, as owner/name
    module: ModuleArg,
    /// What its users should do; it takes the place of the description
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
pub(super) struct Undeprecate {
    /// The module, as owner/name
    module: ModuleArg,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The module, as owner/name
    module: ModuleArg,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    server: ServerArgs,
}

impl Update {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let Changes { visibility, description, url, default_label, breaking } = self.changes;
        let visibility = visibility.map(Into::into);
        let changes = ModuleChanges { visibility, description, url, default_label, state: None };
        change(&self.module, changes, gate::words(&breaking), &self.server, output)
    }
}

impl Deprecate {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let state = Some(ModuleState::MODULE_STATE_DEPRECATED);
        let changes = ModuleChanges { state, description: self.message, ..ModuleChanges::default() };
        change(&self.module, changes, None, &self.server, output)
    }
}

impl Undeprecate {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let changes = ModuleChanges { state: Some(ModuleState::MODULE_STATE_ACTIVE), ..ModuleChanges::default() };
        change(&self.module, changes, None, &self.server, output)
    }
}

impl Delete {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        // A name that nobody has is refused before anybody is asked to write it again.
        block_on(async { Ok(client.known_module(&module).await?) })?;
        self.confirm.require(&module.to_string(), output)?;
        block_on(async { Ok(client.delete_module(&module).await?) })?;
        let shown = serde_json::json!({ "deleted": module });
        output.result(&shown, || vec![format!("deleted {module}")])?;
        Ok(())
    }
}

fn change(
    module: &ModuleArg,
    changes: ModuleChanges,
    breaking: Option<String>,
    server: &ServerArgs,
    output: &mut Output,
) -> Result<(), CliError> {
    let client = server.client()?;
    let name = module.at(&client)?;
    let new_default = changes.default_label.clone();
    let (module, gate, head) = block_on(async {
        // The gate first: a text that is none refuses all of it.
        let gate = match breaking {
            Some(gate) => client.set_module_gate(&name, &gate).await?,
            None => client.module_gate(&name).await?,
        };
        let module = match changes == ModuleChanges::default() {
            true => client.known_module(&name).await?,
            false => client.update_module(&name, changes).await?,
        };
        Ok((module, gate, client.each_commit(&[(name.clone(), String::new())]).await?.pop()))
    })?;
    let head = head.and_then(Result::ok);
    let shown = row(name.to_string(), module, head.as_ref()).with_gate(gate);
    output.result(&shown, || lines(&shown))?;
    if let (Some(label), None) = (new_default, head) {
        output.warn(format!(
            "nothing was pushed to label {label} yet: until then {name} has no release; push to it with `registry push \
             --label {label}`"
        ));
    }
    Ok(())
}
