//! What a mirror took in, as it is printed.

use serde::Serialize;

use crate::cli::commands::sdk::{self, SdkRow};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::ImportedCommit;
use crate::model::ForeignCommit;
use crate::wire::registry::v1::Sdk;

/// The result of a mirror. `--json` prints it as it stands here.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Whether anything was taken in, or a label moved.
    pub(super) changed: bool,
    /// Dependencies first; the last is what was asked for.
    pub(super) commits: Vec<Taken>,
    /// The crates of what was asked for.
    pub(super) sdks: Vec<SdkRow>,
}

/// One commit of a mirror.
#[derive(Debug, Serialize)]
pub(super) struct Taken {
    pub(super) module: String,
    pub(super) commit: String,
    /// When it was made on the other registry.
    pub(super) created: String,
    /// Whether it was not here before.
    pub(super) new: bool,
    /// Labels that moved to it.
    pub(super) moved_labels: Vec<String>,
    /// What it asks of its crates and cannot have here; they are made without.
    pub(super) warning: Option<String>,
}

impl Taken {
    pub(super) fn new(commit: &ForeignCommit, imported: ImportedCommit) -> Self {
        Self {
            module: commit.module.to_string(),
            commit: commit.id.to_string(),
            created: commit.created.to_string(),
            new: imported.created,
            moved_labels: imported.moved_labels,
            warning: imported.warning,
        }
    }

    fn line(&self) -> String {
        let state = if self.new { "taken in" } else { "was here" };
        let labels = match &self.moved_labels[..] {
            [] => String::new(),
            labels => format!(", now {}", labels.join(", ")),
        };
        format!("{}:{} {state}{labels}", self.module, self.commit)
    }
}

impl Report {
    pub(super) fn new(commits: Vec<Taken>, sdks: Vec<Sdk>) -> Self {
        let changed = commits.iter().any(|taken| taken.new || !taken.moved_labels.is_empty());
        Self { changed, commits, sdks: sdks.into_iter().map(sdk::shown).collect() }
    }

    /// What was taken in after this.
    pub(super) fn add(&mut self, later: Self) {
        self.changed |= later.changed;
        self.commits.extend(later.commits);
        self.sdks.extend(later.sdks);
    }

    pub(super) fn print(&self, output: &mut Output) -> Result<(), CliError> {
        output.result(self, || self.lines())?;
        if !self.changed {
            output.say("nothing changed: all of it was here already");
        }
        for taken in &self.commits {
            if let Some(warning) = &taken.warning {
                output.warn(format!(
                    "{}:{} asks for crates that cannot be made here: {warning}",
                    taken.module, taken.commit
                ));
            }
        }
        for sdk in &self.sdks {
            if let Some(message) = &sdk.message {
                output.warn(format!("{} {} failed: {message}", sdk.name, sdk.version));
            }
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let commits = self.commits.iter().map(Taken::line);
        commits.chain(self.sdks.iter().flat_map(sdk::lines).map(|line| format!("  {line}"))).collect()
    }
}
