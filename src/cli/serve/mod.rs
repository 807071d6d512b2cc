//! `registry serve`: reads the settings, starts the server, says how to use it, and stops it when asked.

mod login;
mod stop;
mod upstream;
mod welcome;

use clap::Args;
use serde::Serialize;

use crate::config::{Environment, Settings};
use crate::serve::{self, Ready, Surroundings};

use super::error::CliError;
use super::logging;
use super::output::Output;
use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  registry serve
  registry serve --listen 0.0.0.0:8780 --public-url https://registry.example.com
  registry serve --config /etc/registry.toml
  registry serve --ephemeral --listen 127.0.0.1:0    temporary data, a free port: for tests

The first start on an empty data directory creates a user and a token, prints how to use them,
and leaves them for the other commands of this user in $XDG_CONFIG_HOME/registry/client.toml.
`registry config` lists all settings and shows what a configuration file looks like.";

/// Start the registry
///
/// One process, one data directory. SIGTERM and SIGINT let running requests finish, then end the process.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// Keep everything in a temporary directory, print one JSON line when ready, end when standard input closes
    #[arg(long, conflicts_with = "data-dir")]
    ephemeral: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The line that `--ephemeral` (and `--json`) print when ready.
#[derive(Serialize)]
struct ReadyLine<'a> {
    url: &'a str,
    cargo_index: &'a str,
    token: Option<&'a str>,
    user: Option<&'a str>,
    data_dir: &'a std::path::Path,
    buf_config_dir: &'a std::path::Path,
    pid: u32,
}

impl Serve {
    pub(super) fn run(mut self, output: &mut Output) -> Result<(), CliError> {
        let env = Environment::of_process();
        // Dropped at the end of this function, after the server: that removes it.
        let temporary = if self.ephemeral { Some(tempfile::tempdir()?) } else { None };
        if let Some(directory) = &temporary {
            self.settings.flags.insert("data-dir", vec![directory.path().display().to_string()]);
        }
        let settings = self.settings.load(&env)?;
        logging::start(settings.log);
        let mut told = Ok(());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.serve(settings, |ready| told = self.tell(&ready, &env, output)))?;
        told
    }

    async fn serve(&self, settings: Settings, on_ready: impl FnOnce(Ready)) -> Result<(), CliError> {
        let shutdown = stop::requested(self.ephemeral)?;
        let upstream = settings.upstream.as_ref().map(upstream::of).transpose()?;
        let surroundings = Surroundings { upstream, program: Some(std::env::current_exe()?) };
        serve::run(settings, surroundings, on_ready, shutdown).await?;
        Ok(())
    }

    fn tell(&self, ready: &Ready, env: &Environment, output: &mut Output) -> Result<(), CliError> {
        if !self.ephemeral {
            login::leave(ready, env, output);
        }
        if self.ephemeral || output.is_json() {
            return Ok(output.json_line(&ready_line(ready))?);
        }
        welcome::lines(ready).into_iter().try_for_each(|line| output.line(line))?;
        Ok(())
    }
}

fn ready_line(ready: &Ready) -> ReadyLine<'_> {
    ReadyLine {
        url: &ready.url,
        cargo_index: &ready.cargo_index,
        token: ready.token.as_ref().map(|token| token.reveal()),
        user: ready.user.as_deref(),
        data_dir: &ready.data_dir,
        buf_config_dir: &ready.buf_config_dir,
        pid: std::process::id(),
    }
}
