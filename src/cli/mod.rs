//! The command line: a command declares flags, calls a library function, and prints text or JSON.
//!
//! Exit codes are a contract: 0 done, 1 refused (the input or the request was not accepted), 2 could not run (no
//! server, no file, a wrong flag). Results go to standard output, messages to standard error.

mod arguments;
mod commands;
mod error;
mod examples;
mod logging;
mod output;

use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use arguments::global::GlobalArgs;
use commands::Command;
use output::{Output, Talk};

/// A self-hosted Protobuf schema registry for Rust: push modules, add crates.
#[derive(Debug, Parser)]
#[command(name = "registry", version = VERSION.as_str(), max_term_width = 80, after_help = EXAMPLES)]
struct Cli {
    /// None: the next steps are told.
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    global: GlobalArgs,
}

/// The version, with the commit and its date if whoever built the program named them in REGISTRY_COMMIT and
/// REGISTRY_COMMIT_DATE: the sources may have come without git.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    match (option_env!("REGISTRY_COMMIT"), option_env!("REGISTRY_COMMIT_DATE")) {
        (Some(commit), Some(date)) => format!("{version} ({commit} {date})"),
        (Some(commit), None) => format!("{version} ({commit})"),
        (None, _) => version.to_owned(),
    }
});

const EXAMPLES: &str = "\
Examples:
  registry serve          start a registry, first start prints how to use it
  registry init           set a cargo project up for it
  eval \"$(registry env)\"  or a shell, for cargo and buf
  registry push ./proto --module acme/pets --create
  cargo add --registry buf acme_pets_community_neoeinstein-prost

Exit codes: 0 done, 1 refused, 2 could not run.";

/// Runs the command line of this process and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    // Cargo starts a credential provider with this argument alone, whatever else its configuration says.
    if std::env::args_os().nth(1).is_some_and(|first| first == "--cargo-plugin") {
        let mut output = Output::new(false);
        return ended(commands::answer_cargo(&mut output), &mut output);
    }
    let cli = match parsed() {
        Ok(cli) => cli,
        // The flags were not read, so whether JSON is wanted is looked for among them.
        Err(usage) => {
            let wants_json = std::env::args_os().any(|argument| argument == "--json");
            return error::report_usage(&usage, &mut Output::new(wants_json));
        }
    };
    let mut output = Output::new(cli.global.json);
    ended(cli.run(&mut output), &mut output)
}

/// The whole command line.
fn program() -> clap::Command {
    examples::with_examples(Cli::command())
}

fn parsed() -> Result<Cli, clap::Error> {
    let mut matches = program().try_get_matches()?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut program()))
}

impl Cli {
    fn run(self, output: &mut Output) -> Result<(), error::CliError> {
        self.global.apply()?;
        // Anew, because the colours may be others now.
        *output = Output::new(self.global.json).with_talk(self.global.talk());
        if output.talk() == Talk::More && !matches!(self.command, Some(Command::Serve(_))) {
            logging::print_requests();
        }
        match self.command {
            Some(command) => command.run(program, output),
            None => commands::tell_next_steps(output),
        }
    }
}

fn ended(result: Result<(), error::CliError>, output: &mut Output) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error, output),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_and_argument_is_explained() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "`{}` has no description", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "`{}` of `{}`", argument.get_id(), command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
