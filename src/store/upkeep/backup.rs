//! Backup: a consistent copy of the database while the server runs.

use std::fs::File;
use std::io::{Seek as _, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use super::seal;
use crate::store::db::connections::Store;
use crate::store::db::dir_lock::{io, sync_dir};
use crate::store::db::error::{Result, StoreError};
use crate::store::db::sqlite::copy::{Copied, DOING, copy};
use crate::store::db::sqlite::open::open_reader;

/// Looks for damage in a copy, before it is kept, and tells it in a line.
pub type CopyCheck<'a> = dyn FnMut(&Store) -> Result<Option<String>> + 'a;

/// How the name of a copy in the making begins.
const UNFINISHED: &str = ".registry-backup-";

impl Store {
    /// Writes a sealed copy of the whole store to the file `path`, replacing an existing one only when the copy is
    /// complete and on the disk. Pushes do not wait for the copy; a push that ends while it is made is not in it.
    /// Returns the size of the file.
    ///
    /// # Errors
    /// [`StoreError::Io`] names the file that cannot be written; [`StoreError::AlreadyExists`] if `path` is the
    /// database itself; [`StoreError::DamagedCopy`] if `check` finds damage, which leaves `path` as it was.
    pub fn backup_to(&self, path: &Path, progress: &mut dyn FnMut(Copied), check: &mut CopyCheck<'_>) -> Result<u64> {
        self.backup_while(path, UNFINISHED, &mut always(progress), check, None)
    }

    /// As [`Self::backup_to`], as long as `goes_on` says so; if it does not, nothing is written. The name of the file in
    /// the making begins with `prefix`. A damaged copy gets the name `damaged`, if there is one.
    ///
    /// # Errors
    /// As [`Self::backup_to`], and when it was stopped.
    pub(in crate::store) fn backup_while(
        &self,
        path: &Path,
        prefix: &str,
        goes_on: &mut dyn FnMut(Copied) -> bool,
        check: &mut CopyCheck<'_>,
        damaged: Option<&Path>,
    ) -> Result<u64> {
        if is_same(path, self.path()) {
            return Err(StoreError::AlreadyExists(format!("{}, which is the database itself,", path.display())));
        }
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut copy = self.copy_into(dir, prefix, path, goes_on)?;
        let found = check(&Store::open_copy(copy.path())?)?;
        seal_copy(&mut copy)?;
        let (file, temp) = copy.into_parts();
        let size = file.metadata().map_err(|source| io("read", path, source))?.len();
        if let Some(place) = if found.is_some() { damaged } else { Some(path) } {
            keep(&file, temp, place)?;
            sync_dir(dir)?;
        }
        found.map_or(Ok(size), |found| Err(StoreError::DamagedCopy(found)))
    }

    /// Writes the same copy to `out`, over a temporary file in `dir`: what reads `out` may be slow, and a copy in the
    /// making keeps the write-ahead log from being emptied. Returns the number of bytes.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the temporary file or `out` cannot be written; [`StoreError::DamagedCopy`] if `check` finds
    /// damage, before anything is written.
    pub fn backup_into(
        &self,
        out: &mut dyn Write,
        dir: &Path,
        progress: &mut dyn FnMut(Copied),
        check: &mut CopyCheck<'_>,
    ) -> Result<u64> {
        let mut copy = self.sealed_copy_in(dir, progress, check)?;
        let written = std::io::copy(&mut copy, out).and_then(|size| {
            out.flush()?;
            Ok(size)
        });
        written.map_err(|source| io("write the copy of", self.path(), source))
    }

    /// The same copy as a file without a name, beside the database, to be read from its beginning. It is not checked:
    /// whoever receives it does that.
    ///
    /// # Errors
    /// [`StoreError::Io`] if it cannot be written.
    pub fn sealed_copy(&self) -> Result<File> {
        let dir = self.path().parent().unwrap_or(Path::new("."));
        Ok(self.sealed_copy_in(dir, &mut |_| {}, &mut |_| Ok(None))?.into_file())
    }

    /// The same copy as a temporary file in `dir`, to be read from its beginning.
    pub(in crate::store) fn sealed_copy_in(
        &self,
        dir: &Path,
        progress: &mut dyn FnMut(Copied),
        check: &mut CopyCheck<'_>,
    ) -> Result<NamedTempFile> {
        let mut copy = self.copy_into(dir, UNFINISHED, self.path(), &mut always(progress))?;
        if let Some(found) = check(&Store::open_copy(copy.path())?)? {
            return Err(StoreError::DamagedCopy(found));
        }
        seal_copy(&mut copy)?;
        copy.rewind().map_err(|source| io("read", copy.path(), source))?;
        Ok(copy)
    }

    /// A copy in a temporary file in `dir`, for `path`, without a seal.
    fn copy_into(
        &self,
        dir: &Path,
        prefix: &str,
        path: &Path,
        goes_on: &mut dyn FnMut(Copied) -> bool,
    ) -> Result<NamedTempFile> {
        let temp = tempfile::Builder::new().prefix(prefix).tempfile_in(dir);
        let temp = temp.map_err(|source| io("create a file in", dir, source))?;
        // A connection of its own: a copy takes long, and there are few readers.
        let source = open_reader(self.path())?;
        if !copy(&source, temp.path(), goes_on).map_err(|fault| fault.into_error(DOING, temp.path()))? {
            return Err(io("write", path, std::io::ErrorKind::Interrupted.into()));
        }
        Ok(temp)
    }
}

/// Writes the seal after the last byte.
fn seal_copy(copy: &mut NamedTempFile) -> Result<()> {
    let sealed = copy.rewind().and_then(|()| seal::of(&mut *copy)).and_then(|seal| copy.write_all(&seal));
    sealed.map_err(|source| io("write", copy.path(), source))
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// `progress`, after which it goes on.
fn always(progress: &mut dyn FnMut(Copied)) -> impl FnMut(Copied) -> bool {
    move |copied| {
        progress(copied);
        true
    }
}

fn keep(file: &File, temp: TempPath, path: &Path) -> Result<()> {
    file.sync_all().map_err(|source| io("write", path, source))?;
    temp.persist(path).map_err(|error| io("replace", path, error.error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::sqlite::open::StoreOptions;
    use crate::store::testing::{Scratch, commit_id, snapshot};

    #[test]
    fn a_copy_holds_what_was_there_when_it_began_and_opens_as_a_store() {
        let store = Scratch::with_modules();
        // More than is copied at a time.
        let large = "x".repeat(6 << 20);
        store.push_files(1, 1, &snapshot(&[("a.proto", &large)]));
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join("registry.db");
        std::fs::write(&copy, "an older copy").unwrap();
        let mut steps = vec![];
        let size = store.backup_to(
            &copy,
            &mut |copied| {
                steps.push(copied);
                // Pushes go on meanwhile.
                let number = u8::try_from(steps.len() + 1).unwrap();
                store.push_one(number, 1, &[], vec![]);
            },
            &mut |_| Ok(None),
        );
        assert_eq!(size.unwrap(), copy.metadata().unwrap().len());
        assert!(steps.len() > 1 && steps.iter().all(|step| step.of == steps[0].of), "{steps:?}");
        assert_eq!(steps.last().map(|last| last.pages), Some(steps[0].of));
        let restored = Store::open(dir.path(), StoreOptions::default()).unwrap();
        assert_eq!(restored.snapshot(commit_id(1)).unwrap(), snapshot(&[("a.proto", &large)]));
        assert_eq!(restored.commit(commit_id(2)).unwrap(), None);
        assert!(store.commit(commit_id(2)).unwrap().is_some());
        drop(restored);
        let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["registry.db"], "nothing half-done is left");
    }

    #[test]
    fn a_copy_that_cannot_be_made_leaves_the_old_one() {
        let store = Scratch::with_modules();
        let backup = |path: &Path, found: Option<&str>| {
            store.backup_to(path, &mut |_| {}, &mut |_| Ok(found.map(str::to_owned))).unwrap_err()
        };
        let error = backup(&store.dir().join("absent/copy.db"), None);
        assert!(error.to_string().contains("absent"), "{error}");
        let error = backup(&store.dir().join("registry.db"), None);
        assert!(matches!(error, StoreError::AlreadyExists(_)), "{error}");
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join("copy.db");
        std::fs::write(&copy, "an older copy").unwrap();
        let error = backup(&copy, Some("a row"));
        assert!(matches!(error, StoreError::DamagedCopy(_)), "{error}");
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), "an older copy");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing half-done is left");
    }

    #[test]
    fn the_check_reads_the_copy_and_leaves_nothing_beside_it() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let dir = tempfile::tempdir().unwrap();
        // A name that means something else in an address.
        let place = dir.path().join("50%25?a#b");
        std::fs::create_dir(&place).unwrap();
        let mut seen = None;
        let check = &mut |copy: &Store| {
            seen = copy.commit(commit_id(1))?;
            assert!(copy.check().is_err(), "a copy is not written");
            Ok(None)
        };
        store.backup_to(&place.join("copy.db"), &mut |_| {}, check).unwrap();
        assert!(seen.is_some());
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 1);
        store.check().unwrap();
    }
}
