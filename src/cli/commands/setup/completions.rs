//! `registry completions`: what a shell completes.

use clap::Args;
use clap_complete::Shell;

use crate::cli::error::CliError;
use crate::cli::output::Output;

const EXAMPLES: &str = "\
Examples:
  eval \"$(registry completions bash)\"            in ~/.bashrc
  registry completions zsh >~/.zfunc/_registry    where fpath has ~/.zfunc
  registry completions fish >~/.config/fish/completions/registry.fish";

/// Print a script with which a shell completes commands and flags
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script for `program`.
    pub(in crate::cli) fn run(&self, mut program: clap::Command, output: &mut Output) -> Result<(), CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "registry", &mut script);
        let script = String::from_utf8_lossy(&script);
        let shown = serde_json::json!({ "shell": self.shell.to_string(), "script": script });
        output.result(&shown, || vec![script.trim_end()])?;
        Ok(())
    }
}
