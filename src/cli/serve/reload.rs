//! SIGHUP: the configuration file is read again, and what can be changed while the server runs is: the certificate with
//! its key, and the level of the log. Whatever cannot be used is said in the log, and stays as it was.

use std::io;

use crate::cli::logging::Log;
use crate::cli::settings_args::SettingsArgs;
use crate::config::Environment;
use crate::serve::Reload;

/// Goes on for as long as the server does.
#[cfg(unix)]
pub(super) struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    /// Catches the signal from this call on: until then it ends the process.
    ///
    /// # Errors
    /// When the system does not let signals be caught.
    pub(super) fn catch() -> io::Result<Self> {
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).map(Self)
    }

    /// Takes up the settings at every signal.
    pub(super) async fn follow(mut self, args: SettingsArgs, server: Reload, log: Log) {
        while self.0.recv().await.is_some() {
            take_up(&args, &server, &log);
        }
    }
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub(super) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    pub(super) fn catch() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn follow(self, _: SettingsArgs, _: Reload, _: Log) {}
}

#[cfg_attr(not(unix), allow(dead_code))]
fn take_up(args: &SettingsArgs, server: &Reload, log: &Log) {
    let settings = match args.load(&Environment::of_process()) {
        Ok(settings) => settings,
        Err(error) => return tracing::error!(%error, "the settings stay as they were"),
    };
    if let Err(error) = log.set_level(settings.log.level) {
        tracing::error!(%error, "the level of the log stays as it was");
    }
    if let Err(error) = tokio::task::block_in_place(|| server.apply(&settings)) {
        tracing::error!(%error, "the certificate and its key stay as they were");
    }
    tracing::info!(level = settings.log.level.as_str(), "the settings were read again");
}
