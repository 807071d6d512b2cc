//! Reads single files: never more than the limit, never anything but a regular file, never outside the boundary.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::config::yaml::Document;
use super::error::WorkspaceError;
use crate::model::Limits;

/// The directory that symbolic links may not leave: the workspace, or the one directory that is pushed.
#[derive(Debug, Clone)]
pub(super) struct Boundary {
    directory: PathBuf,
    real: PathBuf,
}

impl Boundary {
    /// The boundary around `directory`.
    pub(super) fn new(directory: &Path) -> Result<Self, WorkspaceError> {
        let real = directory.canonicalize().map_err(WorkspaceError::unreadable(directory))?;
        Ok(Self { directory: directory.to_owned(), real })
    }

    /// Where `path` really is.
    ///
    /// # Errors
    /// When that is outside.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, WorkspaceError> {
        let target = path.canonicalize().map_err(WorkspaceError::unreadable(path))?;
        if target.starts_with(&self.real) {
            return Ok(target);
        }
        Err(WorkspaceError::LinkOutside { link: path.to_owned(), target, boundary: self.directory.clone() })
    }
}

/// Whether an error only says that there is no such file.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The content of the regular file at `path`.
pub(super) fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, WorkspaceError> {
    let unreadable = || WorkspaceError::unreadable(path);
    // Looked at before it is opened: opening a pipe would wait for someone to write.
    let metadata = fs::metadata(path).map_err(unreadable())?;
    if !metadata.is_file() {
        return Err(unreadable()(io::Error::other("it is not a regular file")));
    }
    let what = || format!("file {}", path.display());
    limits.check_file(what(), metadata.len())?;
    // With room for one more byte, the end is seen without another allocation.
    let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1));
    let file = fs::File::open(path).map_err(unreadable())?;
    // The file may have grown since.
    file.take(limits.file.saturating_add(1)).read_to_end(&mut content).map_err(unreadable())?;
    limits.check_file(what(), content.len() as u64)?;
    Ok(content)
}

/// The configuration file `name` in `directory`, if it is there.
pub(super) fn config(directory: &Path, name: &str, limits: &Limits) -> Result<Option<Document>, WorkspaceError> {
    let path = directory.join(name);
    match fs::metadata(&path) {
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(WorkspaceError::unreadable(path)(error)),
    }
    let content = read(&path, limits)?;
    match String::from_utf8(content) {
        Ok(text) => Ok(Some(Document::new(path, text))),
        Err(_) => Err(WorkspaceError::unreadable(path)(io::Error::other("it is not UTF-8"))),
    }
}
