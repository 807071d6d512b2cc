//! `registry man`: the manual, a page per command.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::Output;

const EXAMPLES: &str = "\
Examples:
  registry man ~/.local/share/man/man1
  man registry-push";

/// Write the manual pages, one per command
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Man {
    /// The directory of the pages, which is made if it is not there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl Man {
    /// Writes the pages of `program`.
    pub(in crate::cli) fn run(&self, program: clap::Command, output: &mut Output) -> Result<(), CliError> {
        let pages = write(program, &self.directory).map_err(|error| {
            CliError::CannotRun(format!("could not write manual pages to {}: {error}", self.directory.display()))
        })?;
        let shown = serde_json::json!({ "directory": self.directory, "pages": pages });
        output.result(&shown, || vec![format!("{pages} pages in {}", self.directory.display())])?;
        Ok(())
    }
}

fn write(mut program: clap::Command, directory: &Path) -> std::io::Result<usize> {
    std::fs::create_dir_all(directory)?;
    program.build();
    write_pages(&program, directory)
}

/// Writes the page of a command and those of the commands below it; the number of pages.
fn write_pages(command: &clap::Command, directory: &Path) -> std::io::Result<usize> {
    let page = clap_mangen::Man::new(command.clone());
    page.generate_to(directory)?;
    let mut pages = 1;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        pages += write_pages(below, directory)?;
    }
    Ok(pages)
}
