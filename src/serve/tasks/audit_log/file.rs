//! The file of the audit log. Who rotates logs moves or removes it: the next record goes to a new one. The last line is
//! also kept beside it, in `FILE.position`, so that a new file goes on after that record when the server has started again.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::WriteError;
use super::last_line::{foreign, is_in, last_in_both, whole_lines};
use crate::store::{FileIdentity, Store};

/// An open file.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    opened: FileIdentity,
    /// The file beside it; none once that could not be written.
    position: Option<PathBuf>,
}

impl LogFile {
    /// Opens or creates the file. Returns it with the number of the last record that was written: by its last line, or,
    /// if it is new, by the line that is kept beside it.
    ///
    /// # Errors
    /// When it cannot be opened, or holds something else than an audit log.
    pub(super) fn open(path: &Path, store: &Store) -> Result<(Self, u64), WriteError> {
        let (mut file, opened) = open(path)?;
        let length = whole_lines(&mut file)?;
        file.set_len(length)?;
        let position = position_of(path);
        let last = match length {
            0 => last_at(&position, store)?,
            _ => last_in_both(&mut file, length, store)?.ok_or_else(foreign)?,
        };
        Ok((Self { path: path.into(), file, opened, position: Some(position) }, last))
    }

    /// Appends lines, to a new file if the one that is open is not at its place any more.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if FileIdentity::of(&self.path).ok() != Some(self.opened) {
            (self.file, self.opened) = open(&self.path)?;
            tracing::info!(path = %self.path.display(), "the file of the audit log was moved or removed; a new one goes on");
        }
        self.file.write_all(lines)?;
        self.file.flush()
    }

    /// Keeps the last line beside the file.
    pub(super) fn keep_position(&mut self, line: &[u8]) {
        let Some(position) = &self.position else { return };
        if let Err(error) = replace(position, line) {
            tracing::warn!(
                %error, path = %position.display(),
                "the last record of the audit log cannot be kept there; should its file be moved away while no server \
                 runs, the next one writes all records again"
            );
            self.position = None;
        }
    }
}

fn open(path: &Path) -> io::Result<(File, FileIdentity)> {
    let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    Ok((file, FileIdentity::of(path)?))
}

fn position_of(path: &Path) -> PathBuf {
    let mut position = path.as_os_str().to_owned();
    position.push(".position");
    position.into()
}

/// The number of the record that was written last; 0 if that is not known, or is no record of this store.
fn last_at(position: &Path, store: &Store) -> Result<u64, WriteError> {
    let Ok(line) = std::fs::read(position) else { return Ok(0) };
    let Ok(line) = serde_json::from_slice::<serde_json::Value>(&line) else { return Ok(0) };
    let Some(id) = line.get("id").and_then(serde_json::Value::as_u64) else { return Ok(0) };
    Ok(if is_in(store, id, &line)? { id } else { 0 })
}

/// Writes a small file that is there as a whole or not at all.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temp = tempfile::Builder::new().prefix(".registry-position-").tempfile_in(dir)?;
    temp.write_all(content)?;
    temp.persist(path).map_err(|error| error.error).map(drop)
}
