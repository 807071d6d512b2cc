//! The signals to stop a server: SIGTERM, SIGINT and, for a temporary server, the end of standard input.

use std::io::{self, Read};

use tokio::sync::oneshot;

/// A future that completes when the server must stop. The signals are caught from this call on.
///
/// # Errors
/// When the system refuses to catch signals.
pub(super) fn requested(at_end_of_input: bool) -> io::Result<impl Future<Output = ()>> {
    let signal = signal()?;
    let input = at_end_of_input.then(end_of_input);
    Ok(async move {
        match input {
            Some(input) => {
                tokio::select! {
                    () = signal => {}
                    _ = input => {}
                }
            }
            None => signal.await,
        }
    })
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// A thread of its own, because a blocked read on the runtime would hold up its shutdown.
fn end_of_input() -> oneshot::Receiver<()> {
    let (ended, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while matches!(io::stdin().read(&mut buffer), Ok(read) if read > 0) {}
        let _ = ended.send(());
    });
    receiver
}
