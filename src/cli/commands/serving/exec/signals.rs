//! The signals that are handed on to the command: SIGINT, SIGTERM and SIGHUP.

use std::io;

/// The signals of this process.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Catches the signals from this call on.
    ///
    /// # Errors
    /// When the system refuses to catch signals.
    pub(super) fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The number of the next signal.
    pub(super) async fn next(&mut self) -> i32 {
        use rustix::process::Signal;
        let signal = tokio::select! {
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
            _ = self.hangup.recv() => Signal::HUP,
        };
        signal.as_raw()
    }
}

/// Sends the signal to the process, which may have ended meanwhile. A terminal sends its own interrupts to the command
/// as well, and programs take a second one for impatience.
#[cfg(unix)]
pub(super) fn send(process: u32, signal: i32) {
    use std::io::IsTerminal as _;

    use rustix::process::{Pid, Signal};
    let Some(signal) = Signal::from_named_raw(signal) else { return };
    let of_terminal = signal == Signal::INT && io::stdin().is_terminal();
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw)
        && !of_terminal
    {
        let _ = rustix::process::kill_process(process, signal);
    }
}

/// Systems without signals have the interrupt of the console, which reaches the command by itself.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn catch() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> i32 {
        let _ = tokio::signal::ctrl_c().await;
        2
    }
}

#[cfg(not(unix))]
pub(super) fn send(_process: u32, _signal: i32) {}
