//! Writes the records of the audit log as lines of JSON to a file or to standard output, for programs that collect
//! logs. The database stays the truth: a thread follows it, so no change waits for the file, and after a restart a
//! file goes on behind its last line.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::actions::audit::AuditLine;
use crate::config::AuditLog;
use crate::store::{AuditFilter, AuditStart, Store, StoreError};

use crate::serve::error::ServeError;

/// How often the database is asked for new records.
const PAUSE: Duration = Duration::from_millis(500);

/// The most records that are read at once.
const BATCH: u64 = 1000;

/// The most bytes of a line: a subject is a few names, or the reason of a refusal.
const LONGEST_LINE: u64 = 64 << 10;

/// The thread that writes. Dropping it writes what is missing, and ends the thread.
pub(in crate::serve) struct AuditLogWriter {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Where the lines go, and the number of the last record that is there.
struct Writer {
    store: Store,
    to: Box<dyn Write + Send>,
    last: u64,
}

/// Why records could not be written.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    /// The records could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lines could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl AuditLogWriter {
    /// Starts to write: a file from the record behind its last line on, standard output from now on.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds something else than an audit log.
    pub(in crate::serve) fn start(to: &AuditLog, store: Store) -> Result<Self, ServeError> {
        let (to, last): (Box<dyn Write + Send>, _) = match to {
            AuditLog::Stdout => (Box::new(io::stdout()), store.last_audit_record()?),
            AuditLog::File(path) => {
                let failed = |source| ServeError::AuditLog { path: path.clone(), source };
                let (file, last) = open(path).map_err(failed)?;
                (Box::new(file), last)
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
            let mut lines = Vec::new();
            for record in records {
                serde_json::to_writer(&mut lines, &AuditLine::from(record)).map_err(io::Error::from)?;
                lines.push(b'\n');
            }
            self.to.write_all(&lines)?;
            self.to.flush()?;
            self.last = newest;
        }
    }
}

/// The file for appending, and the number of the record in its last line. A line that a full disk or a killed process
/// cut off is removed.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    file.set_len(start + whole as u64)?;
    Ok((file, last_record(tail.get(..whole).unwrap_or_default())?))
}

/// The number of the record in the last of these lines; 0 if there are none.
fn last_record(lines: &[u8]) -> io::Result<u64> {
    let Some(last) = lines.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()) else { return Ok(0) };
    let line: serde_json::Value = serde_json::from_slice(last).unwrap_or_default();
    let foreign = || io::Error::new(io::ErrorKind::InvalidData, "its last line is no record of an audit log");
    line.get("id").and_then(serde_json::Value::as_u64).ok_or_else(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_on_behind_its_last_whole_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.jsonl");
        assert_eq!(open(&path).unwrap().1, 0);
        std::fs::write(&path, "{\"id\":1}\n{\"id\":2}\n{\"id\":3,\"ti").unwrap();
        assert_eq!(open(&path).unwrap().1, 2);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"id\":1}\n{\"id\":2}\n");
        std::fs::write(&path, "something else\n").unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("no record of an audit log"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else\n");
    }
}
