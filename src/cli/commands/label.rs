//! `registry label`: the labels of a module.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::wire_text;
use crate::cli::output::{Output, table};
use crate::model::ModuleName;
use crate::wire::buf::registry::module::v1::Label;
use crate::wire::buf::registry::module::v1::list_labels_request::ArchiveFilter;

/// List the labels of a module
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  registry label list acme/pets\n  registry label list acme/pets --archived")]
pub(in crate::cli) struct LabelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List labels, the last moved first
    List(List),
}

#[derive(Debug, Args)]
struct List {
    /// The module, as owner/name
    module: ModuleName,
    /// Also list archived labels
    #[arg(long)]
    archived: bool,
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
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let Action::List(command) = self.action;
        let filter = if command.archived {
            ArchiveFilter::ARCHIVE_FILTER_ALL
        } else {
            ArchiveFilter::ARCHIVE_FILTER_UNARCHIVED_ONLY
        };
        let client = command.server.client()?;
        let labels = block_on(async { Ok(client.labels(&command.module, filter).await?) })?;
        let shown: Vec<_> = labels.iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
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
