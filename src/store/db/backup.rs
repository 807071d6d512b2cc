//! Backup: a consistent copy of the database while the server runs.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use tempfile::TempPath;

use super::connections::Store;
use super::dir_lock::{io, sync_dir};
use super::error::{Fault, Result, StoreError, Work};
use super::open::open_reader;

const DOING: &str = "copy the database";

impl Store {
    /// Writes a copy of the whole store to the file `path`, replacing an existing one only when the copy is complete
    /// and on the disk. Pushes do not wait for the copy; a push that ends while it is made is not in it.
    ///
    /// To restore, place the copy as `registry.db` into an empty data directory.
    ///
    /// # Errors
    /// [`StoreError::Io`] names the file that cannot be written; [`StoreError::AlreadyExists`] if `path` is the
    /// database itself.
    pub fn backup_to(&self, path: &Path) -> Result<()> {
        if is_same(path, self.path()) {
            return Err(StoreError::AlreadyExists(format!("{}, which is the database itself,", path.display())));
        }
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temp = tempfile::Builder::new().prefix(".registry-backup-").tempfile_in(dir);
        let temp = temp.map_err(|source| io("create a file in", dir, source))?.into_temp_path();
        // A connection of its own: a copy takes long, and there are few readers.
        let source = open_reader(self.path())?;
        copy(&source, &temp).map_err(|fault| fault.into_error(DOING, path))?;
        keep(temp, path)?;
        sync_dir(dir)
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Copies all pages in one step, so all come from one state of the database.
fn copy(source: &Connection, to: &Path) -> Work<()> {
    let mut target = Connection::open(to)?;
    // The copy needs no journal: it is deleted if anything fails, and synced as a whole.
    target.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "OFF")?;
    match Backup::new(source, &mut target)?.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(Fault::Refused(StoreError::Busy { doing: DOING, path: to.into() })),
    }
}

fn keep(temp: TempPath, path: &Path) -> Result<()> {
    let synced = File::open(&temp).and_then(|file| file.sync_all());
    synced.map_err(|source| io("write", path, source))?;
    temp.persist(path).map_err(|error| io("replace", path, error.error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::open::StoreOptions;
    use crate::store::testing::{Scratch, commit_id, snapshot};

    #[test]
    fn a_copy_holds_what_was_there_and_opens_as_a_store() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join("registry.db");
        std::fs::write(&copy, "an older copy").unwrap();
        store.backup_to(&copy).unwrap();
        store.push_one(2, 1, &[], vec![]);
        let restored = Store::open(dir.path(), StoreOptions::default()).unwrap();
        assert_eq!(restored.snapshot(commit_id(1)).unwrap(), snapshot(&[("a.proto", "// 1")]));
        assert_eq!(restored.commit(commit_id(2)).unwrap(), None);
        drop(restored);
        let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["registry.db"], "nothing half-done is left");
    }

    #[test]
    fn a_copy_that_cannot_be_made_leaves_the_old_one() {
        let store = Scratch::with_modules();
        let error = store.backup_to(&store.dir().join("absent/copy.db")).unwrap_err();
        assert!(error.to_string().contains("absent"), "{error}");
        let error = store.backup_to(&store.dir().join("registry.db")).unwrap_err();
        assert!(matches!(error, StoreError::AlreadyExists(_)), "{error}");
        store.check().unwrap();
    }
}
