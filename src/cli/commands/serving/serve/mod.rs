//! `registry serve`: reads the settings, starts the server, prints how to use it, and stops it on a signal.

mod awaiting;
mod login;
mod mirrors;
mod reload;
mod stop;
#[cfg(test)]
mod testing;
mod traces;
mod upstream;
mod welcome;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::registry_name::RegistryName;
use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::commands::serving::ephemeral::{self, Seed, Seeds, TemporaryData};
use crate::cli::error::CliError;
use crate::cli::logging::Log;
use crate::cli::output::{Output, Talk};
use crate::client::TraceReceiver;
use crate::config::settings_table::LOG_LEVEL;
use crate::config::{Environment, Settings};
use crate::serve::{self, Bound, Fault, Faults, Ready, Surroundings};
use crate::trace;
use reload::Hangups;
use traces::Otlp;

const EXAMPLES: &str = "\
Examples:
  registry serve
  registry serve --listen 0.0.0.0:8780 --public-url https://registry.example.com
  registry serve --config /etc/registry.toml
  registry serve --data-dir /var/lib/registry --await-restore
  registry serve --store postgres://registry@db.example/registry
  registry serve --ephemeral --seed ./proto=acme/pets
      temporary data, a free port: for tests

The first start on an empty data directory creates a user and two tokens: one of
scope write, which it prints with how to use it, and one of scope admin. It
leaves both for the other commands of this user in
$XDG_CONFIG_HOME/registry/client.toml, beside the logins for other servers. A
later start makes a login if that file has none for its data directory.

Clients may use the server under --public-url, under the address that it listens
on (localhost, 127.0.0.1 and [::1] on this machine, else an address of this
machine or its name), and under --allowed-hosts. A request to another host gets
the server's own address in links and in cargo's config.json; forms in a browser
are refused there. Behind a proxy, name it in --trusted-proxies; it must write
the X-Forwarded headers itself, not pass on the headers of its clients.

With --await-restore, for one start on an empty data directory, the server is not
ready until a backup has come over the network. It prints a token for that, which
holds until then.

`registry config` lists all settings and shows what a configuration file looks
like.";

/// Start the registry
///
/// One process, one data directory, or a database that several servers share (--store). SIGTERM and SIGINT let running
/// requests finish, then end the process. SIGHUP reloads the configuration file: --log-level, and the TLS certificate
/// with its key, change.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Serve {
    /// Keep everything in a temporary directory, print one JSON line when ready, end when standard input closes
    #[arg(long, conflicts_with = "data-dir")]
    ephemeral: bool,
    /// With --ephemeral, push this directory as a public module before the line is printed; repeat it for more
    #[arg(long = "seed", value_name = "DIR=OWNER/NAME", requires = "ephemeral")]
    seeds: Vec<Seed>,
    /// With --ephemeral, let the first request of a kind fail, or the first N: index-503, download-slow,
    /// download-corrupt, token-expired
    #[arg(long = "fault", value_name = "KIND[=N]", requires = "ephemeral")]
    faults: Vec<Fault>,
    /// On an empty data directory, take a backup from `registry restore FILE --server URL` first, and go on with it
    #[arg(long, conflicts_with = "ephemeral")]
    await_restore: bool,
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
    /// The variables of `registry env`, of a registry with temporary data.
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<BTreeMap<String, String>>,
}

impl Serve {
    pub(in crate::cli) fn run(mut self, output: &mut Output) -> Result<(), CliError> {
        let env = Environment::of_process();
        let seeds = Seeds::read(&self.seeds)?;
        // Dropped, and so removed, at the end of this function, after the server.
        let temporary = if self.ephemeral { Some(TemporaryData::create()?) } else { None };
        if let Some(data) = &temporary {
            ephemeral::choose(&mut self.settings, data);
        }
        if let Some(level) = level_of(output.talk()) {
            self.settings.flags.entry(LOG_LEVEL.name).or_insert_with(|| vec![level.into()]);
        }
        let settings = self.settings.load(&env)?;
        if let (true, Some(store)) = (self.await_restore, &settings.store) {
            return Err(CliError::CannotRun(format!(
                "--await-restore takes a backup into a data directory, and the store is {}; restore it elsewhere with \
                 `registry restore`, and move it with `registry migrate`",
                store.address
            )));
        }
        let receiver = settings.otlp.as_ref();
        let receiver = receiver.map(|otlp| TraceReceiver::new(&otlp.endpoint, otlp.headers.clone(), otlp.timeout));
        let receiver = receiver.transpose().map_err(CliError::CannotRun)?;
        let (layer, spans) = receiver.is_some().then(trace::channel).unzip();
        let log = Log::start(settings.log, layer);
        let threads = serve::most_blocking_threads(&settings);
        let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(threads).enable_all().build()?;
        runtime.block_on(async {
            let exporter = receiver.zip(spans).map(|(receiver, spans)| spans.send_to(Otlp(receiver)));
            let served = self.serve(settings, log, seeds, &env, output).await;
            if let Some(exporter) = exporter {
                exporter.end().await;
            }
            served
        })
    }

    async fn serve(
        self,
        settings: Settings,
        log: Log,
        seeds: Seeds,
        env: &Environment,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let mut shutdown = pin!(stop::requested(self.ephemeral)?);
        let hangups = Hangups::catch()?;
        let upstream = settings.upstream.as_ref().map(upstream::of).transpose()?;
        let mirrors = mirrors::of(&settings.mirrors, env)?;
        let faults = Arc::new(Faults::new(&self.faults));
        let program = Some(std::env::current_exe()?);
        let bound = Bound::to(&settings).await?;
        if self.await_restore && !awaiting::backup(&bound, &settings, shutdown.as_mut(), output).await? {
            return Ok(());
        }
        let surroundings = Surroundings { upstream, mirrors, program, faults: Arc::clone(&faults) };
        ephemeral::serve_during(bound, settings, surroundings, async |ready| {
            tokio::spawn(hangups.follow(self.settings, ready.reload.clone(), log));
            tokio::select! {
                seeded = seeds.push(&ready, output) => seeded?,
                () = &mut shutdown => return Ok(()),
            }
            faults.begin();
            let told = print_ready(self.ephemeral, &ready, env, output);
            shutdown.await;
            told
        })
        .await
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
    if ephemeral {
        let variables = ephemeral::variables(ready, env, &RegistryName::default(), output);
        return Ok(output.json_line(&ready_line(ready, Some(variables)))?);
    }
    let left = login::leave(ready, env, output);
    if output.is_json() {
        return Ok(output.json_line(&ready_line(ready, None))?);
    }
    welcome::lines(ready, left.as_ref()).into_iter().try_for_each(|line| output.line(line))?;
    Ok(())
}

fn ready_line(ready: &Ready, env: Option<BTreeMap<String, String>>) -> ReadyLine<'_> {
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
        env,
    }
}
