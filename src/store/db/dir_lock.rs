//! The lock of the data directory: one server process per directory.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::Path;

use tempfile::TempDir;

use super::error::{Result, StoreError};

/// The file's name in the data directory.
pub(in crate::store) const LOCK: &str = "lock";

/// The data directory, which holds all data of a registry.
#[derive(Debug, Clone, Copy)]
pub struct DataDir;

/// The right to serve from a data directory; ends when dropped, or with the process, however it ends.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
    /// A lock on the directory itself, which holds even if the lock file is removed. None where directories cannot be
    /// locked.
    _dir: Option<File>,
}

impl DataDir {
    /// Creates `dir` if it does not exist, readable by its user alone, and locks it against other registries.
    ///
    /// The lock is advisory, on the directory and on a file of its own, so short-lived commands can write to the
    /// database meanwhile. (The database file itself is left to SQLite: closing any other handle of it would drop
    /// SQLite's own locks.)
    ///
    /// # Errors
    /// [`StoreError::InUse`] if this or another process has locked the directory; [`StoreError::Io`] if it cannot be
    /// created.
    pub fn lock(dir: &Path) -> Result<DirLock> {
        create(dir).map_err(|source| refused("create data directory", dir, dir, source))?;
        let path = dir.join(LOCK);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|source| refused("lock the data directory", dir, &path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(DirLock { _file: file, _dir: lock_itself(dir)? }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { dir: dir.into() }),
            Err(TryLockError::Error(source)) => Err(io("lock", &path, source)),
        }
    }
}

/// Locks the directory itself, where the file system can do that: users may remove the lock file.
fn lock_itself(dir: &Path) -> Result<Option<File>> {
    let Ok(opened) = File::open(dir) else { return Ok(None) };
    match opened.try_lock() {
        Ok(()) => Ok(Some(opened)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { dir: dir.into() }),
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, dir = %dir.display(), "the directory itself cannot be locked; only its lock file is locked");
            Ok(None)
        }
    }
}

/// Creates the directory for its user alone: it holds private modules as plain text.
fn create(dir: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// A temporary directory, in `above` or where the system has those, that its user alone may read. It is removed when it is dropped.
///
/// # Errors
/// When it cannot be created.
pub fn temporary_dir(prefix: &str, above: Option<&Path>) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    above.map_or_else(|| builder.tempdir(), |above| builder.tempdir_in(above))
}

/// The error for a failed system call on `path`, at the place of the data directory `dir`.
fn refused(doing: &'static str, dir: &Path, path: &Path, source: std::io::Error) -> StoreError {
    use std::io::ErrorKind as E;
    match source.kind() {
        E::PermissionDenied | E::ReadOnlyFilesystem => StoreError::ReadOnly { doing, path: path.into() },
        E::AlreadyExists | E::NotADirectory => StoreError::NotADirectory { dir: dir.into() },
        _ => io(doing, path, source),
    }
}

/// The error for a failed system call on `path`.
pub(in crate::store) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Io { doing, path: path.into(), source }
}

/// Makes the names in `dir` durable: a file that is synced is still lost if its name is not.
pub(in crate::store) fn sync_dir(dir: &Path) -> Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|source| io("sync directory", dir, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_locked_once_until_the_lock_is_dropped() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("new/data");
        let held = DataDir::lock(&dir).unwrap();
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&dir.metadata().unwrap().permissions()) & 0o777, 0o700);
        let refused = DataDir::lock(&dir).unwrap_err();
        assert!(matches!(&refused, StoreError::InUse { dir: named } if *named == dir));
        assert!(refused.to_string().contains("--data-dir"), "{refused}");
        std::fs::remove_file(dir.join("lock")).unwrap();
        #[cfg(unix)]
        assert!(
            matches!(DataDir::lock(&dir), Err(StoreError::InUse { .. })),
            "a lock file that is gone lets nobody in"
        );
        drop(held);
        DataDir::lock(&dir).unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        std::fs::write(&path, "x").unwrap();
        let error = DataDir::lock(&path).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}
