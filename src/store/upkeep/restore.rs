//! Restore: a data directory from a backup. It is built beside its place, and renamed when it is whole.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::pieces::PieceError;
use super::seal::{Seal, unseal};
use crate::store::db::dir_lock::{io, sync_dir, temporary_dir};
use crate::store::db::error::StoreError;
use crate::store::db::sqlite::open::FILE;

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
    /// Beside the place, so that one rename puts it there.
    built: TempDir,
    place: PathBuf,
}

impl Restoring {
    /// Reads a backup for the data directory `place`, which must not exist or be empty. `copied` is told the bytes so
    /// far.
    ///
    /// # Errors
    /// Each [`RestoreError`] says what to do.
    pub fn read(from: &mut dyn Read, place: &Path, copied: &mut dyn FnMut(u64)) -> Result<Self, RestoreError> {
        let place = std::path::absolute(place).map_err(|source| io("tell where this is:", place, source))?;
        if !is_free(&place)? {
            return Err(RestoreError::NotEmpty(place));
        }
        let above = place.parent().unwrap_or(&place);
        std::fs::create_dir_all(above).map_err(|source| io("create directory", above, source))?;
        // Readable by its user alone, as every data directory.
        let built = temporary_dir(".registry-restore-", Some(above));
        let built = built.map_err(|source| io("create a directory in", above, source))?;
        let path = built.path().join(FILE);
        let failed = |source| io("write", &path, source);
        let mut file = File::create(&path).map_err(failed)?;
        let mut source = Source { from, failure: None };
        let seal = unseal(&mut source, &mut file, copied);
        if let Some(error) = source.failure {
            return Err(unreadable(error));
        }
        let seal = seal.map_err(failed)?;
        file.sync_all().map_err(failed)?;
        match seal {
            Seal::Intact(_) => Ok(Self { built, place }),
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
        let Self { built, place } = self;
        sync_dir(built.path())?;
        if !is_free(&place)? {
            return Err(RestoreError::NotEmpty(place));
        }
        // Not every system renames over an empty directory.
        match std::fs::remove_dir(&place) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io("replace", &place, error).into());
            }
            _ => {}
        }
        std::fs::rename(built.path(), &place).map_err(|source| io("create", &place, source))?;
        // Nothing is left there to remove.
        let _ = built.keep();
        sync_dir(place.parent().unwrap_or(&place))?;
        Ok(place)
    }
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

/// Whether there is nothing, or an empty directory.
fn is_free(place: &Path) -> Result<bool, StoreError> {
    match std::fs::read_dir(place) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(false),
        Err(source) => Err(io("read directory", place, source)),
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
        store.backup_into(&mut bytes, store.dir(), &mut |_| {}).unwrap();
        bytes
    }

    fn restore(bytes: &[u8], place: &Path) -> Result<PathBuf, RestoreError> {
        Restoring::read(&mut &bytes[..], place, &mut |_| {})?.finish()
    }

    fn names(dir: &Path) -> Vec<String> {
        let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
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
}
