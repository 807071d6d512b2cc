//! Writes the records of the audit log as lines of JSON to a file or to standard output, for programs that collect
//! logs. The database stays the truth: a thread follows it, so no change waits for the file, and after a restart a
//! file goes on after its last line. One that was moved or removed, as log rotation does, is followed by a new one.

mod error;
mod file;
mod last_line;

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::actions::audit::AuditLine;
use crate::config::AuditLog;
use crate::store::{AuditFilter, AuditStart, Store};

use crate::serve::error::ServeError;
use error::WriteError;
use file::LogFile;

/// How often the database is asked for new records.
const PAUSE: Duration = Duration::from_millis(500);

/// The most records that are read at once.
const BATCH: u64 = 1000;

/// The thread that writes. Dropping it writes what is missing, and ends the thread.
pub(in crate::serve) struct AuditLogWriter {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Where the lines go.
enum Target {
    Stdout(io::Stdout),
    File(LogFile),
}

/// Where the lines go, and the number of the last record that is there.
struct Writer {
    store: Store,
    to: Target,
    last: u64,
}

impl AuditLogWriter {
    /// Starts to write: a file from the record after its last line on, standard output from now on.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds something else than an audit log.
    pub(in crate::serve) fn start(to: &AuditLog, store: Store) -> Result<Self, ServeError> {
        let (to, last) = match to {
            AuditLog::Stdout => (Target::Stdout(io::stdout()), store.last_audit_record()?),
            AuditLog::File(path) => {
                let opened = LogFile::open(path, &store).map_err(|error| match error {
                    WriteError::Io(source) => ServeError::AuditLog { path: path.clone(), source },
                    WriteError::Store(error) => error.into(),
                });
                let (file, last) = opened?;
                (Target::File(file), last)
            }
        };
        let mut writer = Writer { store, to, last };
        let (stop, stopped) = mpsc::channel();
        let work = move || {
            loop {
                let is_last = !matches!(stopped.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout));
                if let Err(error) = writer.catch_up() {
                    tracing::error!(%error, "could not write the audit log as JSON; the next try begins where this one ended");
                }
                if is_last {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("audit-log".into()).spawn(work);
        let thread = thread.inspect_err(|error| tracing::error!(%error, "no thread for the audit log")).ok();
        Ok(Self { stop: Some(stop), thread })
    }
}

impl Drop for AuditLogWriter {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged already.
            let _ = thread.join();
        }
    }
}

impl Writer {
    /// Writes the records that are not there yet.
    fn catch_up(&mut self) -> Result<(), WriteError> {
        loop {
            let records = self.store.audit_records(&AuditFilter::default(), AuditStart::After(self.last), BATCH)?;
            let Some(newest) = records.last().map(|record| record.id) else { return Ok(()) };
            let (mut lines, mut last_line) = (Vec::new(), 0);
            for record in records {
                last_line = lines.len();
                serde_json::to_writer(&mut lines, &AuditLine::from(record)).map_err(io::Error::from)?;
                lines.push(b'\n');
            }
            match &mut self.to {
                Target::Stdout(out) => out.write_all(&lines).and_then(|()| out.flush())?,
                Target::File(file) => file.append(&lines)?,
            }
            self.last = newest;
            if let Target::File(file) = &mut self.to {
                file.keep_position(lines.get(last_line..).unwrap_or_default());
            }
        }
    }
}
