//! Restore: a data directory from a backup. A new one is built beside its place. In an empty one, which may be where a
//! disk is mounted, the database is built in a directory of its own. One rename puts it in its place when it is whole.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::pieces::PieceError;
use super::seal::{Seal, unseal};
use crate::store::db::dir_lock::{LOCK, io, sync_dir, temporary_dir};
use crate::store::db::error::StoreError;
use crate::store::db::sqlite::open::FILE;

/// How the names of directories begin in which a data directory is built.
const PREFIX: &str = ".registry-restore-";

/// What an empty directory may hold: the lock of a server that waits for a backup, and what some file systems make.
const NOTHING: [&str; 2] = [LOCK, "lost+found"];

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The place is taken.
    #[error(
        "{0} is not an empty directory; a backup is restored into a new or an empty one: name another, or move this one \
         away"
    )]
    NotEmpty(PathBuf),
    /// The file has no seal at its end.
    #[error(
        "this is not a whole backup: `registry backup` writes a seal at the end, which is missing; the file was cut off, \
         or something else wrote it. Copy it again, or take an earlier backup"
    )]
    NotWhole,
    /// The bytes are not those that were sealed.
    #[error("the backup is damaged: its bytes are not those that were written; copy it again, or take an earlier one")]
    Damaged,
    /// A piece of the backup cannot be had.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Compares a backup with its seal. Returns the bytes of the database in it.
///
/// # Errors
/// When it is cut off or changed.
pub fn check_seal(mut backup: impl Read) -> Result<u64, RestoreError> {
    let read = unseal(&mut backup, &mut std::io::sink(), &mut |_| {});
    match read.map_err(|source| io("read", "the backup".as_ref(), source))? {
        Seal::Intact(bytes) => Ok(bytes),
        Seal::Broken => Err(RestoreError::Damaged),
        Seal::Absent => Err(RestoreError::NotWhole),
    }
}

/// A data directory that is being restored. Dropping it removes what was written.
pub struct Restoring {
    built: TempDir,
    place: PathBuf,
    /// Whether the place is there, and the database alone is to be moved into it.
    is_inside: bool,
}

impl Restoring {
    /// Refuses a place that is neither free nor an empty directory.
    ///
    /// # Errors
    /// [`RestoreError::NotEmpty`].
    pub fn require_free(place: &Path) -> Result<(), RestoreError> {
        if is_free(place, None)? { Ok(()) } else { Err(RestoreError::NotEmpty(place.into())) }
    }

    /// Removes what a restore left in `place` that was killed. Nobody may restore into it meanwhile.
    ///
    /// # Errors
    /// When the directory cannot be read or written.
    pub fn remove_leftovers(place: &Path) -> Result<(), RestoreError> {
        for name in names(place)? {
            if name.to_str().is_some_and(|name| name.starts_with(PREFIX)) {
                let path = place.join(name);
                std::fs::remove_dir_all(&path).map_err(|source| io("remove", &path, source))?;
            }
        }
        Ok(())
    }

    /// Reads a backup for the data directory `place`, which must not exist or be empty. `copied` is told the bytes so
    /// far.
    ///
    /// # Errors
    /// Each [`RestoreError`] says what to do.
    pub fn read(from: &mut dyn Read, place: &Path, copied: &mut dyn FnMut(u64)) -> Result<Self, RestoreError> {
        let place = std::path::absolute(place).map_err(|source| io("tell where this is:", place, source))?;
        Self::require_free(&place)?;
        let is_inside = place.is_dir();
        let above = if is_inside { &place } else { place.parent().unwrap_or(&place) };
        std::fs::create_dir_all(above).map_err(|source| io("create directory", above, source))?;
        // Readable by its user alone, as every data directory.
        let built = temporary_dir(PREFIX, Some(above));
        let built = built.map_err(|source| io("create a directory in", above, source))?;
        let path = built.path().join(FILE);
        let failed = |source| io("write", &path, source);
        let mut file = create_private(&path).map_err(failed)?;
        let mut source = Source { from, failure: None };
        let seal = unseal(&mut source, &mut file, copied);
        if let Some(error) = source.failure {
            return Err(unreadable(error));
        }
        let seal = seal.map_err(failed)?;
        file.sync_all().map_err(failed)?;
        match seal {
            Seal::Intact(_) => Ok(Self { built, place, is_inside }),
            Seal::Broken => Err(RestoreError::Damaged),
            Seal::Absent => Err(RestoreError::NotWhole),
        }
    }

    /// Where the data are until [`Self::finish`]. A store that was opened there must be closed before that.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.built.path()
    }

    /// Puts the data in their place. Returns the place.
    ///
    /// # Errors
    /// [`RestoreError::NotEmpty`] if something has come there meanwhile.
    pub fn finish(self) -> Result<PathBuf, RestoreError> {
        let Self { built, place, is_inside } = self;
        sync_dir(built.path())?;
        if !is_free(&place, Some(built.path()))? {
            return Err(RestoreError::NotEmpty(place));
        }
        if is_inside {
            move_database(built.path(), &place)?;
            sync_dir(&place)?;
        } else {
            std::fs::rename(built.path(), &place).map_err(|source| io("create", &place, source))?;
            // Nothing is left there to remove.
            let _ = built.keep();
            sync_dir(place.parent().unwrap_or(&place))?;
        }
        Ok(place)
    }
}

/// A new file that its user alone may read, wherever it is moved.
fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Moves the database into `place`, which gets the rights of a data directory before that.
fn move_database(built: &Path, place: &Path) -> Result<(), StoreError> {
    // A store that was closed leaves no other file. Without this one, the database would not be whole.
    let log = built.join(format!("{FILE}-wal"));
    if log.exists() {
        let source = std::io::Error::other("the database was not closed");
        return Err(io("move", &log, source));
    }
    #[cfg(unix)]
    {
        let mode = |bits| std::os::unix::fs::PermissionsExt::from_mode(bits);
        // Where a disk is mounted, the directory may be another user's; the file never is.
        if let Err(error) = std::fs::set_permissions(place, mode(0o700)) {
            tracing::debug!(%error, place = %place.display(), "the directory keeps its rights");
        }
    }
    std::fs::rename(built.join(FILE), place.join(FILE)).map_err(|source| io("create", &place.join(FILE), source))
}

/// A backup that is being read. Its errors are kept apart from those of the copy.
struct Source<'a> {
    from: &'a mut dyn Read,
    failure: Option<std::io::Error>,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer);
        read.map_err(|error| match error.kind() {
            // Whoever reads tries again.
            ErrorKind::Interrupted => error,
            kind => {
                self.failure = Some(error);
                kind.into()
            }
        })
    }
}

/// The error of a backup that ended before its end.
fn unreadable(error: std::io::Error) -> RestoreError {
    match error.downcast::<PieceError>() {
        Ok(error) => error.into(),
        Err(source) => io("read", "the backup".as_ref(), source).into(),
    }
}

/// Whether there is nothing, or an empty directory; `own` does not count.
fn is_free(place: &Path, own: Option<&Path>) -> Result<bool, StoreError> {
    if place.is_file() {
        return Ok(false);
    }
    let own = own.and_then(Path::file_name);
    let counts = |name: &OsString| Some(name.as_os_str()) != own && !NOTHING.iter().any(|nothing| name == nothing);
    match names(place) {
        Ok(names) => Ok(!names.iter().any(counts)),
        Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}

/// The names in a directory; none if there is none.
fn names(dir: &Path) -> Result<Vec<OsString>, StoreError> {
    let failed = |source| io("read directory", dir, source);
    match std::fs::read_dir(dir) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(failed)?.file_name())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, commit_id};
    use crate::store::{Store, StoreOptions};

    fn backup() -> Vec<u8> {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let mut bytes = vec![];
        store.backup_into(&mut bytes, store.dir(), &mut |_| {}, &mut |_| Ok(None)).unwrap();
        bytes
    }

    fn restore(bytes: &[u8], place: &Path) -> Result<PathBuf, RestoreError> {
        Restoring::read(&mut &bytes[..], place, &mut |_| {})?.finish()
    }

    fn names(dir: &Path) -> Vec<String> {
        super::names(dir).unwrap().into_iter().map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn a_backup_becomes_the_directory_that_it_was() {
        let above = tempfile::tempdir().unwrap();
        std::fs::create_dir(above.path().join("empty")).unwrap();
        for place in ["new/data", "empty"] {
            let place = above.path().join(place);
            assert_eq!(restore(&backup(), &place).unwrap(), place);
            assert_eq!(names(&place), [FILE]);
            #[cfg(unix)]
            {
                let mode = std::os::unix::fs::PermissionsExt::mode(&place.metadata().unwrap().permissions());
                assert_eq!(mode & 0o777, 0o700, "it holds private modules");
                let file = place.join(FILE).metadata().unwrap().permissions();
                assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file) & 0o777, 0o600, "{}", place.display());
            }
            let store = Store::open(&place, StoreOptions::default()).unwrap();
            assert!(store.commit(commit_id(1)).unwrap().is_some());
        }
    }

    #[test]
    fn what_is_refused_leaves_nothing() {
        let above = tempfile::tempdir().unwrap();
        let place = above.path().join("data");
        let backup = backup();
        assert!(matches!(restore(&backup[..backup.len() - 1], &place), Err(RestoreError::NotWhole)));
        let mut flipped = backup.clone();
        flipped[backup.len() / 2] ^= 1;
        assert!(matches!(restore(&flipped, &place), Err(RestoreError::Damaged)));
        assert_eq!(names(above.path()), Vec::<String>::new());
        std::fs::create_dir(&place).unwrap();
        std::fs::write(place.join("file"), "mine").unwrap();
        assert!(matches!(restore(&backup, &place), Err(RestoreError::NotEmpty(_))));
        assert!(matches!(restore(&backup, &place.join("file")), Err(RestoreError::NotEmpty(_))));
        assert_eq!((names(above.path()), names(&place)), (vec!["data".into()], vec!["file".into()]));
    }

    #[test]
    fn a_directory_is_empty_with_a_lock_and_with_what_a_killed_restore_left() {
        let above = tempfile::tempdir().unwrap();
        let place = above.path().join("data");
        let held = crate::store::DataDir::lock(&place).unwrap();
        std::fs::create_dir(place.join("lost+found")).unwrap();
        std::fs::create_dir(place.join(".registry-restore-x")).unwrap();
        assert!(matches!(Restoring::require_free(&place), Err(RestoreError::NotEmpty(_))), "another may run");
        Restoring::remove_leftovers(&place).unwrap();
        let restoring = Restoring::read(&mut &backup()[..], &place, &mut |_| {}).unwrap();
        Store::open(restoring.path(), StoreOptions::default()).unwrap();
        restoring.finish().unwrap();
        let mut found = names(&place);
        found.sort();
        assert_eq!(found, [LOCK, "lost+found", FILE]);
        drop(held);
    }
}
