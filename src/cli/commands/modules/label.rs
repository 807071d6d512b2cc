//! `registry label`: lists, moves and archives the labels of a module.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::wire_text;
use crate::cli::output::{Output, table};
use crate::model::LabelName;
use crate::wire::buf::registry::module::v1::Label;
use crate::wire::buf::registry::module::v1::list_labels_request::ArchiveFilter;

const EXAMPLES: &str = "\
Examples:
  registry label list acme/pets --archived
  registry label move acme/pets next --to main
  registry label archive acme/pets next";

/// List, move and archive the labels of a module
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct LabelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List labels, the last moved first
    List(List),
    /// Move a label to another commit, forward only, or make it
    Move(Move),
    /// Hide labels from lists; they still resolve
    Archive(Archive),
    /// Show archived labels in lists again
    Unarchive(Archive),
}

#[derive(Debug, Args)]
struct List {
    /// The module, as owner/name
    module: ModuleArg,
    /// Also list archived labels
    #[arg(long)]
    archived: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Move {
    /// The module, as owner/name
    module: ModuleArg,
    /// The label
    label: LabelName,
    /// The commit, by its id or a label that is there
    #[arg(long, value_name = "COMMIT|LABEL")]
    to: String,
    /// Move the default label even if the server refuses what that breaks; for admins of the module, and recorded
    #[arg(long)]
    allow_breaking: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Archive {
    /// The module, as owner/name
    module: ModuleArg,
    /// The labels
    #[arg(required = true)]
    labels: Vec<LabelName>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct LabelRow<'a> {
    name: &'a str,
    commit: &'a str,
    updated: Option<String>,
    archived: Option<String>,
}

impl LabelCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Move(command) => command.run(output),
            Action::Archive(command) => command.run(true, output),
            Action::Unarchive(command) => command.run(false, output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let filter = if self.archived {
            ArchiveFilter::ARCHIVE_FILTER_ALL
        } else {
            ArchiveFilter::ARCHIVE_FILTER_UNARCHIVED_ONLY
        };
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        let labels = block_on(async { Ok(client.labels(&module, filter).await?) })?;
        let shown: Vec<_> = labels.iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Move {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let client = if self.allow_breaking { client.allowing_breaking() } else { client };
        let module = self.module.at(&client)?;
        let (labels, breaking) = block_on(async {
            let found = client.commits(&[(module.clone(), self.to.clone())]).await?;
            let Some(commit) = found.first() else { return Ok((Vec::new(), None)) };
            Ok(client.set_labels(&module, std::slice::from_ref(&self.label), commit.id).await?)
        })?;
        if let Some(breaking) = breaking {
            output.warn(breaking);
        }
        let shown: Vec<_> = labels.iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Archive {
    fn run(self, archive: bool, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let module = self.module.at(&client)?;
        block_on(async {
            match archive {
                true => client.archive_labels(&module, &self.labels).await?,
                false => client.unarchive_labels(&module, &self.labels).await?,
            }
            Ok(())
        })?;
        let done = if archive { "archived" } else { "unarchived" };
        let shown = serde_json::json!({ "module": module, (done): self.labels });
        output.result(&shown, || self.labels.iter().map(|label| format!("{done} {label}")).collect())?;
        Ok(())
    }
}

fn row(label: &Label) -> LabelRow<'_> {
    LabelRow {
        name: &label.name,
        commit: &label.commit_id,
        updated: wire_text::time(label.update_time.as_option()),
        archived: wire_text::time(label.archive_time.as_option()),
    }
}

fn rows(labels: &[LabelRow<'_>]) -> Vec<String> {
    let cells = labels.iter().map(|label| {
        let note = if label.archived.is_some() { "archived" } else { "" };
        let updated = label.updated.clone().unwrap_or_default();
        [label.name.to_owned(), label.commit.to_owned(), updated, note.to_owned()]
    });
    table(["LABEL", "COMMIT", "MOVED", "NOTE"], cells.collect())
}
