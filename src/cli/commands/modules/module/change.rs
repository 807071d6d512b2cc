//! `registry module update`, `deprecate`, `undeprecate` and `delete`.

use clap::Args;

use crate::cli::arguments::confirm::ConfirmArgs;
use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::ModuleChanges;
use crate::model::LabelName;
use crate::wire::buf::registry::module::v1::ModuleState;

use super::view::{VisibilityArg, lines, row};

#[derive(Debug, Args)]
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
}

#[derive(Debug, Args)]
pub(super) struct Deprecate {
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
        let Changes { visibility, description, url, default_label } = self.changes;
        let visibility = visibility.map(Into::into);
        let changes = ModuleChanges { visibility, description, url, default_label, state: None };
        change(&self.module, changes, &self.server, output)
    }
}

impl Deprecate {
    /// Deprecates the module, or takes that back.
    pub(super) fn run(self, state: ModuleState, output: &mut Output) -> Result<(), CliError> {
        let changes = ModuleChanges { state: Some(state), ..ModuleChanges::default() };
        change(&self.module, changes, &self.server, output)
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
    server: &ServerArgs,
    output: &mut Output,
) -> Result<(), CliError> {
    let client = server.client()?;
    let name = module.at(&client)?;
    let (module, head) = block_on(async {
        let module = client.update_module(&name, changes).await?;
        Ok((module, client.each_commit(&[(name.clone(), String::new())]).await?.pop()))
    })?;
    let head = head.and_then(Result::ok);
    let shown = row(name.to_string(), module, head.as_ref());
    output.result(&shown, || lines(&shown))?;
    Ok(())
}
