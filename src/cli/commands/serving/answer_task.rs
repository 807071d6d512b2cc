//! `registry answer-task`: the process that a server starts for work in a process of its own.

use std::io;

use clap::Args;

use crate::cli::error::CliError;
use crate::publish;

/// Do one task of a server, from standard input to standard output
#[derive(Debug, Args)]
#[command(name = publish::SUBPROCESS_COMMAND, hide = true)]
pub(in crate::cli) struct AnswerTask {
    /// Bytes of memory that the work may take
    #[arg(long)]
    memory: u64,
}

impl AnswerTask {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        Ok(publish::answer_task(io::stdin().lock(), io::stdout().lock(), self.memory)?)
    }
}
