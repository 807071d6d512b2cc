//! A program under limits: one process with all its children, its input, and its output on both streams.

use std::collections::VecDeque;
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// The number of bytes at the end of the error stream that are kept for the message.
const COMPLAINT: usize = 4096;

/// How often an ending process is looked at.
const POLL: Duration = Duration::from_millis(5);

/// How often `stop` is asked.
const WANTED: Duration = Duration::from_millis(20);

/// How long the streams of an ended process are still read; its children may hold them open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The result of a process.
#[derive(Debug)]
pub(in crate::publish) struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// All that it wrote on its standard output.
    pub output: Vec<u8>,
    /// The end of its standard error.
    pub complaint: String,
}

/// Why there is no result of a process.
#[derive(Debug, thiserror::Error)]
pub(in crate::publish) enum Stopped {
    /// The system would not start it, or lost it.
    #[error("could not {doing} it: {source}")]
    System {
        /// Start, or wait for.
        doing: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// It was ended because it took too long.
    #[error("it did not end in time")]
    TooSlow,
    /// It was ended because it wrote too much.
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
    /// Asked regularly whether to kill it.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// Runs `command` with `input` to its end, within limits. Whatever happens, it and all processes that it started are
/// gone afterwards.
pub(in crate::publish) fn run(command: &mut Command, input: Vec<u8>, limited: &Limited<'_>) -> Result<Ended, Stopped> {
    let Limited { time, output, .. } = *limited;
    let started = Instant::now();
    // A process group of its own, so that its children can be killed with it.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
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
    let complaint = streams.complaint.recv_timeout(LAST_WORDS).unwrap_or_default();
    Ok(Ended { status, output: said, complaint: String::from_utf8_lossy(&complaint).trim().to_owned() })
}

/// The streams of a process, read by threads of their own: a process with a full pipe would wait for ever.
struct Streams {
    output: Receiver<Vec<u8>>,
    complaint: Receiver<Vec<u8>>,
}

impl Streams {
    fn of(child: &mut Child, input: Vec<u8>, limit: u64) -> Self {
        if let Some(mut stdin) = child.stdin.take() {
            // A program that ends without reading all of it is no error here.
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
        // A receiver that gave up is no reason to complain.
        thread::spawn(move || _ = sender.send(all(stream)));
    }
    receiver
}

/// The first `limit` bytes; bytes before a failure count.
fn first(stream: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.take(limit).read_to_end(&mut bytes);
    bytes
}

/// The last bytes, after reading all: a program whose pipe is closed would be killed by its next write.
fn last(mut stream: impl Read) -> Vec<u8> {
    let mut kept = VecDeque::new();
    let mut buffer = [0; COMPLAINT];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        kept.extend(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(COMPLAINT));
    }
    kept.into()
}

/// A running process; when it is dropped, it and all that it started are ended.
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
        // It leads the group of its id. Until it is waited for, no other process gets that id.
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        let _ = self.0.kill();
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
        assert!(ended.complaint.len() <= COMPLAINT);
        assert!(matches!(sh("yes", Duration::from_secs(60)), Err(Stopped::TooMuch)));
    }
}
