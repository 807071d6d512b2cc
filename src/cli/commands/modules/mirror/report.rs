//! The result of a mirror, as it is printed.

use serde::Serialize;

use crate::cli::commands::crates::sdk::{self, SdkRow};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Mirrored, MirroredCommit};

/// The result of a mirror. `--json` prints these fields.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Whether a commit was imported, a label moved, or something else was taken over.
    pub(super) changed: bool,
    /// The commits, dependencies first; the last is the requested one.
    pub(super) commits: Vec<CommitRow>,
    /// The crates of the requested commits.
    pub(super) sdks: Vec<SdkRow>,
    /// What changed beside commits, a phrase each.
    pub(super) changes: Vec<String>,
    /// What could not be taken over beside commits, with the reason, a phrase each.
    pub(super) left_out: Vec<String>,
}

/// One commit of a mirror.
#[derive(Debug, Serialize)]
pub(super) struct CommitRow {
    pub(super) module: String,
    pub(super) commit: String,
    /// When it was created in the other registry.
    pub(super) created: String,
    /// Whether this mirror imported it.
    pub(super) new: bool,
    /// Labels that moved to it.
    pub(super) moved_labels: Vec<String>,
    /// The module options that this registry cannot fulfil; its crates are made without them.
    pub(super) warning: Option<String>,
}

impl CommitRow {
    fn new(mirrored: MirroredCommit) -> Self {
        let MirroredCommit { module, commit, created, imported } = mirrored;
        Self {
            module: module.to_string(),
            commit: commit.to_string(),
            created: created.to_string(),
            new: imported.created,
            moved_labels: imported.moved_labels,
            warning: imported.warning,
        }
    }

    fn line(&self) -> String {
        let state = if self.new { "imported" } else { "was here" };
        let labels = match &self.moved_labels[..] {
            [] => String::new(),
            labels => format!(", now {}", labels.join(", ")),
        };
        format!("{}:{} {state}{labels}", self.module, self.commit)
    }
}

impl Report {
    /// Adds the result of one mirror.
    pub(super) fn add(&mut self, mirrored: Mirrored) {
        let commits: Vec<_> = mirrored.commits.into_iter().map(CommitRow::new).collect();
        self.changed |= commits.iter().any(|commit| commit.new || !commit.moved_labels.is_empty());
        self.changed |= !mirrored.changes.is_empty();
        self.commits.extend(commits);
        self.sdks.extend(mirrored.sdks.into_iter().map(sdk::row));
        self.changes.extend(mirrored.changes);
        self.left_out.extend(mirrored.left_out);
    }

    pub(super) fn print(&self, output: &mut Output) -> Result<(), CliError> {
        output.result(self, || self.lines())?;
        if !self.changed {
            output.say("nothing changed: all of it was here already");
        }
        for left_out in &self.left_out {
            output.warn(format!("not taken over: {left_out}"));
        }
        for commit in &self.commits {
            if let Some(warning) = &commit.warning {
                output.warn(format!(
                    "{}:{} has module options that this registry cannot fulfil: {warning}",
                    commit.module, commit.commit
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
        let commits = self.commits.iter().map(CommitRow::line).chain(self.changes.iter().cloned());
        commits.chain(self.sdks.iter().flat_map(sdk::lines).map(|line| format!("  {line}"))).collect()
    }
}
