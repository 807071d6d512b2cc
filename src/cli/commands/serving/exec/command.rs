//! The command: its start, the signals that it gets, and its exit code.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use tokio::sync::oneshot;

use super::signals::{self, Signals};
use crate::cli::error::CliError;

/// The exit codes of shells (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>, 2.8.2).
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;
const BY_SIGNAL: u8 = 128;

/// Runs it to its end, and hands signals on to it.
///
/// # Errors
/// When it does not start, or ends with another exit code than 0.
pub(super) async fn run(
    words: &[OsString],
    variables: &BTreeMap<String, String>,
    signals: &mut Signals,
) -> Result<(), CliError> {
    let (program, arguments) = words.split_first().ok_or_else(|| CliError::CannotRun("no command was given".into()))?;
    let mut child = Command::new(program)
        .args(arguments)
        .envs(variables)
        .spawn()
        .map_err(|error| not_started(Path::new(program), &error))?;
    let process = child.id();
    let (tell, mut ended) = oneshot::channel();
    std::thread::spawn(move || tell.send(child.wait()));
    let status = loop {
        tokio::select! {
            status = &mut ended => break status,
            signal = signals.next() => signals::send(process, signal),
        }
    };
    let status = status.map_err(|_| CliError::CannotRun("the command was lost".into()))??;
    match code(status) {
        0 => Ok(()),
        code => Err(CliError::Ended(code)),
    }
}

fn not_started(program: &Path, error: &io::Error) -> CliError {
    let shown = program.display();
    match error.kind() {
        // The system says the same of a script whose interpreter is missing.
        io::ErrorKind::NotFound if program.exists() => CliError::NotStarted {
            code: NOT_EXECUTABLE,
            reason: format!("could not run {shown}: the interpreter that its first line names was not found"),
        },
        io::ErrorKind::NotFound => CliError::NotStarted {
            code: NOT_FOUND,
            reason: format!(
                "could not run {shown}: there is no such program; is it in PATH, and the first word after --?"
            ),
        },
        _ => CliError::NotStarted { code: NOT_EXECUTABLE, reason: format!("could not run {shown}: {error}") },
    }
}

/// The exit code for the end by this signal.
pub(super) fn code_of_signal(signal: i32) -> u8 {
    u8::try_from(signal).unwrap_or_default().saturating_add(BY_SIGNAL)
}

#[cfg(unix)]
fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    match status.signal() {
        Some(signal) => code_of_signal(signal),
        None => status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    }
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
