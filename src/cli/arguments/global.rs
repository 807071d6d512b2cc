//! The flags that every command takes.

use std::path::PathBuf;

use clap::{Args, ColorChoice};

use crate::cli::error::CliError;
use crate::cli::output::Talk;

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(in crate::cli) struct GlobalArgs {
    /// Print results as JSON, and an error as JSON with its code to standard error
    #[arg(long, global = true, display_order = 900)]
    pub(in crate::cli) json: bool,
    /// Print results, warnings and errors alone
    #[arg(short, long, global = true, display_order = 901, conflicts_with = "verbose")]
    quiet: bool,
    /// Also print each request to a server; with serve, log more
    #[arg(short, long, global = true, display_order = 902)]
    verbose: bool,
    /// Colours: on a terminal, always or never
    #[arg(long, value_name = "WHEN", value_enum, hide_possible_values = true)]
    #[arg(global = true, display_order = 903, default_value_t = ColorChoice::Auto, hide_default_value = true)]
    color: ColorChoice,
    /// Change to this directory before anything else
    #[arg(short = 'C', value_name = "DIR", global = true, display_order = 904)]
    change_directory: Option<PathBuf>,
}

impl GlobalArgs {
    /// How much is said beside results.
    pub(in crate::cli) fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Less,
            (false, true) => Talk::More,
            (false, false) => Talk::Usual,
        }
    }

    /// Applies what concerns the whole process: its directory and its colours.
    pub(in crate::cli) fn apply(&self) -> Result<(), CliError> {
        let choice = match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        let Some(directory) = &self.change_directory else { return Ok(()) };
        std::env::set_current_dir(directory).map_err(|error| {
            let message = format!("could not change to {}, which -C names: {error}", directory.display());
            CliError::CannotRun(message)
        })
    }
}
