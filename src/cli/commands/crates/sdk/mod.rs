//! `registry sdk`: the crates of a module.

mod export;
mod generate;
mod info;
mod list;
mod retry;
mod selector;
mod status;
mod usage;
mod view;
pub(in crate::cli) mod wait;
mod yank;

use clap::{Args, Subcommand};

use crate::cli::error::CliError;
use crate::cli::output::Output;

pub(in crate::cli) use view::{SdkRow, lines, row, verdict};

const EXAMPLES: &str = "\
Examples:
  registry sdk list acme/pets
  registry sdk version acme/pets  newest, of prost
  registry sdk version acme/pets --plugin anthropics/buffa:v0.9.2 --label next
  registry sdk generate acme/pets --plugin anthropics/buffa
      now and with every push
  registry sdk status acme/pets   of the default label's head
  registry sdk yank acme_pets_community_neoeinstein-prost \\
      0.5.0-20240523144506-ce529d32d80c.1";

/// List, make, retry, yank and export the crates of a module
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct SdkCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List crates with versions and states, newest first
    List(list::List),
    /// Print the crate version of a commit and a plugin, generated or not
    Version(list::Version),
    /// Generate a crate now, and on every later push to the label
    Generate(generate::Generate),
    /// Show the facts about the crates of one commit
    Info(info::Info),
    /// Show the state of a commit's crates; exit code 1 if one failed
    Status(status::Status),
    /// Show how often each version of a crate is downloaded, and by whom
    Usage(usage::Usage),
    /// Try failed crates again
    Retry(retry::Retry),
    /// Write a crate and what it depends on as sources
    Export(export::Export),
    /// Keep cargo from choosing a version; lock files still work
    Yank(yank::Yank),
    /// Let cargo choose a yanked version again
    Unyank(yank::Unyank),
}

impl SdkCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Version(command) => command.run(output),
            Action::Generate(command) => command.run(output),
            Action::Info(command) => command.run(output),
            Action::Status(command) => command.run(output),
            Action::Usage(command) => command.run(output),
            Action::Retry(command) => command.run(output),
            Action::Export(command) => command.run(output),
            Action::Yank(command) => command.run(output),
            Action::Unyank(command) => command.run(output),
        }
    }
}
