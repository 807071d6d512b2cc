//! `registry serve`: reads the settings, starts the server, prints how to use it, and stops it on a signal.

mod login;
mod reload;
mod stop;
#[cfg(test)]
mod testing;
mod upstream;
mod welcome;

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::error::CliError;
use crate::cli::logging::Log;
use crate::cli::output::{Output, Talk};
use crate::config::settings_table::LOG_LEVEL;
use crate::config::{Environment, Settings};
use crate::serve::{self, Ready, Surroundings};
use reload::Hangups;

const EXAMPLES: &str = "\
Examples:
  registry serve
  registry serve --listen 0.0.0.0:8780 --public-url https://registry.example.com
  registry serve --config /etc/registry.toml
  registry serve --ephemeral --listen 127.0.0.1:0    temporary data, a free port: for tests

The first start on an empty data directory creates a user and two tokens: one of scope write, which
it prints with how to use it, and one of scope admin. It leaves both for the other commands of this
user in $XDG_CONFIG_HOME/registry/client.toml, beside the logins for other servers. A later start
makes a login if that file has none for its data directory.

Clients may use the server under --public-url, under the address that it listens on (localhost,
127.0.0.1 and [::1] on this machine, else an address of this machine or its name), and under
--allowed-hosts. A request to another host gets the server's own address in links and in cargo's
config.json; forms in a browser are refused there. Behind a proxy, name it in --trusted-proxies; it
must write the X-Forwarded headers itself, not pass on the headers of its clients.

`registry config` lists all settings and shows what a configuration file looks like.";

/// Start the registry
///
/// One process, one data directory. SIGTERM and SIGINT let running requests finish, then end the process. SIGHUP
/// reloads the configuration file: --log-level, and the TLS certificate with its key, change.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Serve {
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
    write_token: Option<&'a str>,
    user: Option<&'a str>,
    data_dir: &'a std::path::Path,
    buf_config_dir: &'a std::path::Path,
    pid: u32,
}

impl Serve {
    pub(super) fn run(mut self, output: &mut Output) -> Result<(), CliError> {
        let env = Environment::of_process();
        // Dropped, and so removed, at the end of this function, after the server.
        let temporary = if self.ephemeral { Some(tempfile::tempdir()?) } else { None };
        if let Some(directory) = &temporary {
            self.settings.flags.insert("data-dir", vec![directory.path().display().to_string()]);
        }
        if let Some(level) = level_of(output.talk()) {
            self.settings.flags.entry(LOG_LEVEL.name).or_insert_with(|| vec![level.into()]);
        }
        let settings = self.settings.load(&env)?;
        let log = Log::start(settings.log);
        let mut told = Ok(());
        let threads = serve::most_blocking_threads(&settings);
        let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(threads).enable_all().build()?;
        let ephemeral = self.ephemeral;
        runtime.block_on(self.serve(settings, log, |ready| told = print_ready(ephemeral, ready, &env, output)))?;
        told
    }

    async fn serve(self, settings: Settings, log: Log, on_ready: impl FnOnce(&Ready)) -> Result<(), CliError> {
        let shutdown = stop::requested(self.ephemeral)?;
        let hangups = Hangups::catch()?;
        let upstream = settings.upstream.as_ref().map(upstream::of).transpose()?;
        let surroundings = Surroundings { upstream, program: Some(std::env::current_exe()?) };
        let on_ready = |ready: Ready| {
            tokio::spawn(hangups.follow(self.settings, ready.reload.clone(), log));
            on_ready(&ready);
        };
        serve::run(settings, surroundings, on_ready, shutdown).await?;
        Ok(())
    }
}

/// The level of the log that `--quiet` and `--verbose` mean.
fn level_of(talk: Talk) -> Option<&'static str> {
    match talk {
        Talk::Less => Some("warn"),
        Talk::Usual => None,
        Talk::More => Some("debug"),
    }
}

fn print_ready(ephemeral: bool, ready: &Ready, env: &Environment, output: &mut Output) -> Result<(), CliError> {
    let left = if ephemeral { None } else { login::leave(ready, env, output) };
    if ephemeral || output.is_json() {
        return Ok(output.json_line(&ready_line(ready))?);
    }
    welcome::lines(ready, left.as_ref()).into_iter().try_for_each(|line| output.line(line))?;
    Ok(())
}

fn ready_line(ready: &Ready) -> ReadyLine<'_> {
    let first = ready.first.as_ref();
    ReadyLine {
        url: &ready.url,
        cargo_index: &ready.cargo_index,
        token: first.map(|first| first.admin_token.reveal()),
        write_token: first.map(|first| first.write_token.reveal()),
        user: first.map(|first| first.name.as_str()),
        data_dir: &ready.data_dir,
        buf_config_dir: &ready.buf_config_dir,
        pid: std::process::id(),
    }
}
