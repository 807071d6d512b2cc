//! `registry exec`: runs a command against a fresh registry with temporary data.

mod command;
mod signals;

use std::ffi::OsString;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::cli::arguments::registry_name::RegistryName;
use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::commands::serving::ephemeral::{self, Seed, Seeds, TemporaryData};
use crate::cli::error::CliError;
use crate::cli::logging::Log;
use crate::cli::output::Output;
use crate::config::Environment;
use crate::serve::{self, Bound, Fault, Faults, Surroundings};
use signals::Signals;

const EXAMPLES: &str = "\
Examples:
  registry exec -- cargo test
  registry exec --seed ./proto=acme/pets -- cargo test
  registry exec --seed vendor/common=acme/common --seed proto=acme/pets -- \\
      sh -c 'buf push && ./it'
  registry exec --seed ./proto=acme/pets --fault index-503 -- cargo fetch
  registry exec --print-fixture pytest >tests/conftest.py

The command gets the variables of `registry env`: REGISTRY_URL, REGISTRY_TOKEN,
those of cargo for a registry called `buf` or what --name says, BUF_TOKEN and
BUF_CONFIG_DIR. The registry has a free port, and ends with the command; its
log is shown if --log-level is given.

The exit code is the command's: 128 and the number of the signal if one ended
it, 127 if there is no such program, 126 if it cannot be run. 1 and 2 may also
be the registry's, if it does not start.";

/// Run a command against a fresh registry with temporary data
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = "registry exec [OPTIONS] -- COMMAND...")]
pub(in crate::cli) struct Exec {
    /// The program to run, and its arguments
    #[arg(value_name = "COMMAND", required_unless_present = "print_fixture", trailing_var_arg = true)]
    command: Vec<OsString>,
    /// Push this directory as a public module first; repeat it for more
    #[arg(long = "seed", value_name = "DIR=OWNER/NAME")]
    seeds: Vec<Seed>,
    /// Print a file that starts a registry for the tests of another language, and run nothing
    #[arg(long, value_enum, value_name = "KIND", exclusive = true)]
    print_fixture: Option<FixtureFile>,
    /// The registry's name in cargo
    #[arg(long, value_name = "NAME", default_value_t)]
    name: RegistryName,
    /// Let the first request of a kind fail, or the first N: index-503, download-slow, download-corrupt, token-expired
    #[arg(long = "fault", value_name = "KIND[=N]")]
    faults: Vec<Fault>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// A file of `assets/fixtures`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FixtureFile {
    /// A conftest.py
    Pytest,
    /// Functions for sh
    Sh,
}

impl FixtureFile {
    fn text(self) -> &'static str {
        match self {
            Self::Pytest => include_str!("../../../../../assets/fixtures/conftest.py"),
            Self::Sh => include_str!("../../../../../assets/fixtures/registry.sh"),
        }
    }
}

impl Exec {
    pub(in crate::cli) fn run(mut self, output: &mut Output) -> Result<(), CliError> {
        if let Some(file) = self.print_fixture {
            return Ok(output.line(file.text().trim_end())?);
        }
        if self.settings.flags.contains_key("data-dir") {
            return Err(CliError::CannotRun(
                "--data-dir is for registries that stay; that of `registry exec` has temporary data".into(),
            ));
        }
        let env = Environment::of_process();
        let seeds = Seeds::read(&self.seeds)?;
        let data = TemporaryData::create()?;
        ephemeral::choose(&mut self.settings, &data);
        let settings = self.settings.load(&env)?;
        // The output is the command's.
        if self.settings.flags.contains_key("log-level") {
            Log::start(settings.log, None);
        }
        let threads = serve::most_blocking_threads(&settings);
        let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(threads).enable_all().build()?;
        runtime.block_on(async {
            let mut signals = Signals::catch()?;
            let faults = Arc::new(Faults::new(&self.faults));
            let program = Some(std::env::current_exe()?);
            let surroundings = Surroundings { program, faults: Arc::clone(&faults), ..Surroundings::default() };
            let bound = Bound::to(&settings).await?;
            ephemeral::serve_during(bound, settings, surroundings, async |ready| {
                tokio::select! {
                    seeded = seeds.push(&ready, output) => seeded?,
                    signal = signals.next() => return Err(CliError::Ended(command::code_of_signal(signal))),
                }
                faults.begin();
                let variables = ephemeral::variables(&ready, &env, &self.name, output);
                command::run(&self.command, &variables, &mut signals).await
            })
            .await
        })
    }
}
