//! Writes the records of the audit log as lines of JSON to a file or to standard output, for programs that collect
//! logs. The database stays the truth: a thread follows it, so no change waits for the file, and after a restart a
//! file goes on after its last line.

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

/// The bytes of lines that are compared with the store: after a restore from a backup, all those since that backup are
/// others.
const TAIL: u64 = 16 << 20;

/// How each line begins.
const BEGIN: &[u8] = b"{\"id\":";

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
    /// Starts to write: a file from the record after its last line on, standard output from now on.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds something else than an audit log.
    pub(in crate::serve) fn start(to: &AuditLog, store: Store) -> Result<Self, ServeError> {
        let (to, last): (Box<dyn Write + Send>, _) = match to {
            AuditLog::Stdout => (Box::new(io::stdout()), store.last_audit_record()?),
            AuditLog::File(path) => {
                let failed = |source| ServeError::AuditLog { path: path.clone(), source };
                let (file, lines) = open(path).map_err(failed)?;
                let last = last_common(&lines, &store)?.ok_or_else(|| failed(foreign()))?;
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

/// The file for appending, and its last lines. A line that a full disk or a killed process cut off is removed.
fn open(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if !tail[whole..].is_empty() && !tail[whole..].starts_with(&BEGIN[..BEGIN.len().min(tail.len() - whole)]) {
        return Err(foreign());
    }
    file.set_len(start + whole as u64)?;
    tail.truncate(whole);
    Ok((file, tail))
}

fn foreign() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its last lines are no records of the audit log of this registry")
}

/// The number of the last record that both the lines and the store have, 0 if there are no lines; none if they have no
/// record in common. A store that was restored from a backup does not have the last lines, and gives their numbers to
/// other records.
fn last_common(lines: &[u8], store: &Store) -> Result<Option<u64>, StoreError> {
    let mut is_last = true;
    // The first line may be the end of one.
    for line in lines.split(|byte| *byte == b'\n').rev().filter(|line| !line.is_empty()) {
        let Ok(line) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        let Some(id) = line.get("id").and_then(serde_json::Value::as_u64) else { continue };
        if is_in(store, id, &line)? {
            if !is_last {
                tracing::warn!(
                    record = id,
                    "the file of the audit log has records that the registry does not have, as after a restore from a \
                     backup; it goes on after the last record that both have, with numbers that are there already"
                );
            }
            return Ok(Some(id));
        }
        is_last = false;
    }
    Ok(lines.is_empty().then_some(0))
}

/// Whether the record of this number is the one of the line.
fn is_in(store: &Store, id: u64, line: &serde_json::Value) -> Result<bool, StoreError> {
    let start = AuditStart::After(id.saturating_sub(1));
    let found = store.audit_records(&AuditFilter::default(), start, 1)?.into_iter().next();
    let Some(found) = found.filter(|record| record.id == id).map(AuditLine::from) else { return Ok(false) };
    // Later programs may write more fields.
    let fields = [("time", &found.time), ("action", &found.action), ("subject", &found.subject)];
    Ok(fields.iter().all(|(name, value)| line.get(name).and_then(serde_json::Value::as_str) == Some(value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.jsonl");
        assert!(open(&path).unwrap().1.is_empty());
        for cut in ["{\"id\":3,\"ti", "{", ""] {
            std::fs::write(&path, format!("{{\"id\":1}}\n{{\"id\":2}}\n{cut}")).unwrap();
            assert_eq!(open(&path).unwrap().1, b"{\"id\":1}\n{\"id\":2}\n");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"id\":1}\n{\"id\":2}\n");
        }
        std::fs::write(&path, "something else").unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("no records of the audit log"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else");
    }

    #[test]
    fn lines_go_on_after_the_last_record_that_the_store_has_too() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), crate::store::StoreOptions::default()).unwrap();
        assert_eq!(last_common(b"", &store).unwrap(), Some(0));
        assert_eq!(last_common(b"something else\n", &store).unwrap(), None);
        assert_eq!(
            last_common(b"{\"id\":1,\"time\":\"\",\"action\":\"a\",\"subject\":\"b\"}\n", &store).unwrap(),
            None
        );
    }
}
