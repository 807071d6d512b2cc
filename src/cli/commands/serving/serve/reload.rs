//! SIGHUP: reads the configuration file again and applies the settings that can change while the server runs: the
//! certificate with its key, and the level of the log. Invalid settings are logged, and the old ones stay.

use std::io;

use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::logging::Log;
use crate::config::Environment;
use crate::serve::Reload;

/// The hangup signals of this process; systems without signals have none.
pub(super) struct Hangups(#[cfg(unix)] tokio::signal::unix::Signal);

impl Hangups {
    /// Catches the signal from this call on. Before it, the signal ends the process.
    ///
    /// # Errors
    /// When the system refuses to catch signals.
    #[cfg(unix)]
    pub(super) fn catch() -> io::Result<Self> {
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).map(Self)
    }

    #[cfg(not(unix))]
    pub(super) fn catch() -> io::Result<Self> {
        Ok(Self())
    }

    /// Waits for the next signal; `None` when there will be no more.
    #[cfg(unix)]
    async fn next(&mut self) -> Option<()> {
        self.0.recv().await
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Option<()> {
        None
    }

    /// Reads and applies the settings at every signal, while the server runs.
    pub(super) async fn follow(mut self, args: SettingsArgs, server: Reload, log: Log) {
        while self.next().await.is_some() {
            apply_settings(&args, &server, &log);
        }
    }
}

fn apply_settings(args: &SettingsArgs, server: &Reload, log: &Log) {
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
