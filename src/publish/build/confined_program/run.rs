//! Runs a program within limits: one process with all its children.

use std::collections::VecDeque;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::system;

/// The bytes kept of the end of standard error, for the message.
const STDERR_TAIL: usize = 4096;

/// The interval between checks whether a process has ended, once its output is closed.
const POLL: Duration = Duration::from_millis(5);

/// The interval between calls of `stop`.
const WANTED: Duration = Duration::from_millis(20);

/// How long the streams of an ended process are still read; its children may hold them open.
const FLUSH_TIME: Duration = Duration::from_millis(500);

/// The result of a process.
#[derive(Debug)]
pub(in crate::publish) struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub output: Vec<u8>,
    /// The end of its standard error.
    pub complaint: String,
}

/// Why a process has no result.
#[derive(Debug, thiserror::Error)]
pub(in crate::publish) enum Stopped {
    /// The system could not start the process or wait for it.
    #[error("could not {doing} it: {source}")]
    System {
        /// The operation that failed: "start" or "wait for".
        doing: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// It was killed because it took too long.
    #[error("it did not end in time")]
    TooSlow,
    /// It was killed because it wrote too much.
    #[error("it wrote too much")]
    TooMuch,
    /// It was killed because its result is no longer needed.
    #[error("it was stopped")]
    Asked,
}

/// The limits of a process.
pub(in crate::publish) struct Limited<'a> {
    /// Time from start to exit.
    pub time: Duration,
    /// Bytes of its standard output.
    pub output: u64,
    /// Called regularly; the process is killed when it returns true.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// Runs `command` with `input` to its end, within limits. When this returns, the process and all its descendants in its
/// process group have ended.
pub(in crate::publish) fn run(command: &mut Command, input: Vec<u8>, limited: &Limited<'_>) -> Result<Ended, Stopped> {
    let Limited { time, output, .. } = *limited;
    let started = Instant::now();
    system::in_own_group(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|source| Stopped::System { doing: "start", source })?;
    let streams = Streams::of(&mut child, input, output);
    let mut process = Process(child);
    let said = loop {
        let left = time.saturating_sub(started.elapsed());
        match streams.output.recv_timeout(left.min(WANTED)) {
            Ok(said) if said.len() as u64 > output => return Err(Stopped::TooMuch),
            Ok(said) => break said,
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(Stopped::TooSlow),
            Err(RecvTimeoutError::Timeout) if (limited.stop)() => return Err(Stopped::Asked),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break Vec::new(),
        }
    };
    let left = time.saturating_sub(started.elapsed());
    let status = process.exit_within(left)?.ok_or(Stopped::TooSlow)?;
    let complaint = streams.complaint.recv_timeout(FLUSH_TIME).unwrap_or_default();
    Ok(Ended { status, output: said, complaint: String::from_utf8_lossy(&complaint).trim().to_owned() })
}

/// The streams of a process, each with a thread of its own: a process blocks when a pipe is full.
struct Streams {
    output: Receiver<Vec<u8>>,
    complaint: Receiver<Vec<u8>>,
}

impl Streams {
    fn of(child: &mut Child, input: Vec<u8>, limit: u64) -> Self {
        if let Some(mut stdin) = child.stdin.take() {
            // A program may end without reading all of its input.
            thread::spawn(move || _ = stdin.write_all(&input));
        }
        Self {
            output: read(child.stdout.take(), move |stream| first(stream, limit.saturating_add(1))),
            complaint: read(child.stderr.take(), last),
        }
    }
}

fn read<S: Read + Send + 'static>(
    stream: Option<S>,
    all: impl FnOnce(S) -> Vec<u8> + Send + 'static,
) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(stream) = stream {
        // The receiver may have stopped waiting.
        thread::spawn(move || _ = sender.send(all(stream)));
    }
    receiver
}

/// The first `limit` bytes; after a read error, the bytes before it.
fn first(stream: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.take(limit).read_to_end(&mut bytes);
    bytes
}

/// The last bytes. Reads the whole stream, because a write to a closed pipe would kill the program.
fn last(mut stream: impl Read) -> Vec<u8> {
    let mut kept = VecDeque::new();
    let mut buffer = [0; STDERR_TAIL];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        kept.extend(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(STDERR_TAIL));
    }
    kept.into()
}

/// A running process. Dropping it kills its process group.
struct Process(Child);

impl Process {
    fn exit_within(&mut self, limit: Duration) -> Result<Option<ExitStatus>, Stopped> {
        let started = Instant::now();
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(Some(status)),
                Ok(None) if started.elapsed() < limit => thread::sleep(POLL),
                Ok(None) => return Ok(None),
                Err(source) => return Err(Stopped::System { doing: "wait for", source }),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        system::kill_group(&mut self.0);
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, time: Duration) -> Result<Ended, Stopped> {
        let limited = Limited { time, output: 1000, stop: &|| false };
        run(Command::new("sh").args(["-c", script]), b"input".to_vec(), &limited)
    }

    #[test]
    fn one_that_nobody_wants_any_more_is_ended() {
        let started = Instant::now();
        let stop = move || started.elapsed() > Duration::from_millis(100);
        let limited = Limited { time: Duration::from_secs(60), output: 1000, stop: &stop };
        let ended = run(Command::new("sh").args(["-c", "sleep 100"]), Vec::new(), &limited);
        assert!(matches!(ended, Err(Stopped::Asked)));
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let (marker, quick) = (tempfile::NamedTempFile::new().unwrap(), Duration::from_millis(300));
        let path = marker.path().display();
        let script = format!("(sleep 1; echo late >{path}) & sleep 100");
        assert!(matches!(sh(&script, quick), Err(Stopped::TooSlow)));
        // It has closed its output, but does not end.
        assert!(matches!(sh("exec >&-; sleep 100", quick), Err(Stopped::TooSlow)));
        thread::sleep(Duration::from_millis(1200));
        assert_eq!(std::fs::read_to_string(marker.path()).unwrap(), "");
    }

    #[test]
    fn one_that_ends_leaves_nobody_behind() {
        let marker = tempfile::NamedTempFile::new().unwrap();
        let script = format!("(sleep 1; echo late >{}) >/dev/null 2>&1 & echo done", marker.path().display());
        assert_eq!(sh(&script, Duration::from_secs(60)).unwrap().output, b"done\n");
        thread::sleep(Duration::from_millis(1200));
        assert_eq!(std::fs::read_to_string(marker.path()).unwrap(), "");
    }

    #[test]
    fn of_many_words_the_last_are_kept_and_none_hurts() {
        let ended = sh("yes complaint | head -c 300000 >&2; echo end >&2; cat", Duration::from_secs(60)).unwrap();
        assert!(ended.status.success() && ended.output == b"input" && ended.complaint.ends_with("\nend"));
        assert!(ended.complaint.len() <= STDERR_TAIL);
        assert!(matches!(sh("yes", Duration::from_secs(60)), Err(Stopped::TooMuch)));
    }
}
