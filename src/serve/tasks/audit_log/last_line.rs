//! The end of a file of the audit log: its last whole line, and the last record that it shares with the store.

use std::io::{self, Read, Seek, SeekFrom};

use super::error::WriteError;
use crate::actions::audit::AuditLine;
use crate::store::{AuditFilter, AuditStart, Store, StoreError};

/// The bytes at the end of a file that are read first: the last line is usually in the store.
const TAIL: u64 = 64 << 10;

/// The most bytes of lines that are compared with the store: after a restore from a backup, all those since that backup
/// are others.
const LONGEST_TAIL: u64 = 16 << 20;

/// How much more is read when a tail was not enough.
const GROWTH: u64 = 16;

/// How each line begins.
const BEGIN: &[u8] = b"{\"id\":";

/// The bytes of a file up to the end of its last whole line. A line that a full disk or a killed process cut off is
/// behind it.
pub(super) fn whole_lines(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    for most in tails(length) {
        let tail = tail(file, length, most)?;
        let end = tail.iter().rposition(|byte| *byte == b'\n').map(|end| end + 1);
        let whole = match end {
            Some(end) => end,
            None if most == length => 0,
            None => continue,
        };
        let cut = tail.get(whole..).unwrap_or_default();
        if !cut.is_empty() && !cut.starts_with(&BEGIN[..BEGIN.len().min(cut.len())]) {
            return Err(foreign());
        }
        return Ok(length - cut.len() as u64);
    }
    Err(foreign())
}

/// The lengths of the tails of a file of this length that are read, each if the one before was not enough.
fn tails(length: u64) -> impl Iterator<Item = u64> {
    let most = length.min(LONGEST_TAIL);
    let next = move |tail: &u64| (*tail < most).then(|| tail.saturating_mul(GROWTH).min(most));
    std::iter::successors(Some(TAIL.min(most)), next)
}

/// The last bytes, at most so many, of a file of this length.
fn tail(file: &mut (impl Read + Seek), length: u64, most: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(length - most))?;
    let mut tail = Vec::new();
    file.take(most).read_to_end(&mut tail)?;
    Ok(tail)
}

/// As [`last_common`], of a file of this length, of which no more is read than needed.
pub(super) fn last_in_both(
    file: &mut (impl Read + Seek),
    length: u64,
    store: &Store,
) -> Result<Option<u64>, WriteError> {
    for most in tails(length) {
        if let Some(last) = last_common(&tail(file, length, most)?, store)? {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

pub(super) fn foreign() -> io::Error {
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
pub(super) fn is_in(store: &Store, id: u64, line: &serde_json::Value) -> Result<bool, StoreError> {
    let start = AuditStart::After(id.saturating_sub(1));
    let found = store.audit_records(&AuditFilter::default(), start, 1)?.into_iter().next();
    let Some(found) = found.filter(|record| record.id == id).map(AuditLine::from) else { return Ok(false) };
    // Later programs may write more fields.
    let fields = [("time", &found.time), ("action", &found.action), ("subject", &found.subject)];
    Ok(fields.iter().all(|(name, value)| line.get(name).and_then(serde_json::Value::as_str) == Some(value.as_str())))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::model::Timestamp;
    use crate::store::{AuditEvent, ChangeSource, Transaction};

    #[test]
    fn a_line_that_was_cut_off_is_removed_and_nothing_else() {
        let whole = |text: &[u8]| whole_lines(&mut Cursor::new(text));
        assert_eq!(whole(b"").unwrap(), 0);
        for cut in ["{\"id\":3,\"ti", "{", "", &format!("{{\"id\":3,\"subject\":\"{}", "x".repeat(200_000))] {
            let lines = "{\"id\":1}\n{\"id\":2}\n";
            assert_eq!(whole(format!("{lines}{cut}").as_bytes()).unwrap(), lines.len() as u64, "{cut:.20}");
        }
        assert_eq!(whole(b"{\"id\":1").unwrap(), 0, "the first line");
        assert!(whole(b"something else").unwrap_err().to_string().contains("no records of the audit log"));
        assert!(whole("x".repeat(20 << 20).as_bytes()).is_err());
    }

    /// A file whose reads are counted.
    struct Counted(Cursor<Vec<u8>>, usize);

    impl Read for Counted {
        fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(part)?;
            self.1 += count;
            Ok(count)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn no_more_of_a_file_is_read_than_its_last_common_line_needs() {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::store::open_for_test(dir.path());
        let event = |subject: String| AuditEvent {
            at: Timestamp::from_micros(1),
            actor: None,
            source: ChangeSource::default(),
            action: "test".into(),
            subject,
        };
        let record = |tx: &Transaction<'_>| (0..2_000).try_for_each(|number| tx.audit(&event(number.to_string())));
        store.transaction("test", |tx| record(tx)).unwrap();
        let mut lines = Vec::new();
        for record in store.audit_records(&AuditFilter::default(), AuditStart::After(0), 2_000).unwrap() {
            serde_json::to_writer(&mut lines, &AuditLine::from(record)).unwrap();
            lines.push(b'\n');
        }
        let length = lines.len() as u64;
        assert!(length > 2 * TAIL, "{length}");
        let mut file = Counted(Cursor::new(lines.clone()), 0);
        assert_eq!(last_in_both(&mut file, length, &store).unwrap(), Some(2_000));
        assert_eq!(file.1 as u64, TAIL);
        // Behind them, more lines of records that a restore took away than the first tail holds.
        for number in 0..4_000 {
            lines.extend(format!("{{\"id\":{},\"subject\":\"lost\"}}\n", 2_001 + number).bytes());
        }
        let length = lines.len() as u64;
        let mut file = Counted(Cursor::new(lines), 0);
        assert_eq!(last_in_both(&mut file, length, &store).unwrap(), Some(2_000));
        assert_eq!(file.1 as u64, TAIL + length.min(TAIL * GROWTH));
    }

    #[test]
    fn lines_go_on_after_the_last_record_that_the_store_has_too() {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::store::open_for_test(dir.path());
        assert_eq!(last_common(b"", &store).unwrap(), Some(0));
        assert_eq!(last_common(b"something else\n", &store).unwrap(), None);
        assert_eq!(
            last_common(b"{\"id\":1,\"time\":\"\",\"action\":\"a\",\"subject\":\"b\"}\n", &store).unwrap(),
            None
        );
    }
}
