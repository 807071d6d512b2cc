//! Asks before something is deleted.

use std::io::IsTerminal as _;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Whether a deletion needs no question.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfirmArgs {
    /// Do not ask for the name again
    #[arg(short, long, visible_alias = "force")]
    yes: bool,
}

impl ConfirmArgs {
    /// Goes on if the user writes `name` again, or wants no question.
    ///
    /// # Errors
    /// When the answer is another one, or nobody can be asked.
    pub(in crate::cli) fn require(&self, name: &str, output: &mut Output) -> Result<(), CliError> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(CliError::Refused(format!(
                "deleting {name} cannot be undone; --yes does it without a question"
            )));
        }
        output.ask(format!("deleting {name} cannot be undone; write its name to go on:"));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        match answer.trim() == name {
            true => Ok(()),
            false => Err(CliError::Refused(format!("{name} was not deleted: another name was written"))),
        }
    }
}
