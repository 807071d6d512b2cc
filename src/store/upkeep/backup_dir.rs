//! A directory of backups that are made on a schedule, each named by its time. Only files of such a name that end with
//! the mark of a backup are ever removed.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::seal;
use crate::model::Timestamp;
use crate::store::db::connections::Store;
use crate::store::db::dir_lock::{io as failed, sync_dir};
use crate::store::db::error::Result;
use crate::store::db::sqlite::copy::Copied;
use crate::store::upkeep::backup::CopyCheck;

/// What stands around the time in the name of a backup.
const NAME: (&str, &str) = ("registry-", ".db");

/// How the name of a backup in the making begins. A server that was killed leaves one, which its next start removes.
const UNFINISHED: &str = ".registry-scheduled-";

/// The name of the last copy that was found to be damaged. It is no backup, and is there for whoever has nothing better.
const DAMAGED: &str = "registry-damaged.db";

/// A directory of backups, of one server.
#[derive(Debug, Clone)]
pub struct BackupDir(PathBuf);

/// A backup in such a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedBackup {
    /// When it was begun.
    pub at: Timestamp,
    /// Its size.
    pub bytes: u64,
    /// Its file.
    pub path: PathBuf,
}

impl BackupDir {
    /// The directory, which is created if it does not exist, for its user alone. What an earlier server has left unfinished
    /// there is removed.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(path: &Path) -> Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|source| failed("create directory", path, source))?;
        let unreadable = |source| failed("read directory", path, source);
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
                fs::remove_file(entry.path()).map_err(|source| failed("remove", &entry.path(), source))?;
            }
        }
        Ok(Self(path.to_owned()))
    }

    /// Its backups, oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn backups(&self) -> Result<Vec<DatedBackup>> {
        Self::backups_in(&self.0)
    }

    /// The backups in any directory, oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn backups_in(dir: &Path) -> Result<Vec<DatedBackup>> {
        let unreadable = |source| failed("read directory", dir, source);
        let mut found = vec![];
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Some(at) = entry.file_name().to_str().and_then(time_of) else { continue };
            let path = entry.path();
            // What cannot be read is not ours.
            if let Ok(Some(bytes)) = size_if_backup(&path) {
                found.push(DatedBackup { at, bytes, path });
            }
        }
        found.sort_by_key(|backup| backup.at);
        Ok(found)
    }

    /// Adds a backup of `store` as of now, `at`, and removes the oldest ones beyond `keep`. `goes_on` is asked on the way;
    /// when it says no, nothing is left. A copy in which `check` finds damage is kept as `registry-damaged.db`, in place of
    /// the last such one: it is no backup, and no backup is removed for it.
    ///
    /// # Errors
    /// When the copy cannot be written or is damaged, or old ones cannot be removed.
    pub fn add(
        &self,
        store: &Store,
        at: Timestamp,
        keep: usize,
        goes_on: &mut dyn FnMut() -> bool,
        check: &mut CopyCheck<'_>,
    ) -> Result<DatedBackup> {
        let path = self.0.join(format!("{}{}{}", NAME.0, at.basic(), NAME.1));
        let damaged = self.0.join(DAMAGED);
        let bytes = store.backup_while(&path, UNFINISHED, &mut |_: Copied| goes_on(), check, Some(&damaged))?;
        self.prune(keep)?;
        Ok(DatedBackup { at, bytes, path })
    }

    fn prune(&self, keep: usize) -> Result<()> {
        let backups = self.backups()?;
        let many = backups.len().saturating_sub(keep.max(1));
        for old in backups.iter().take(many) {
            fs::remove_file(&old.path).map_err(|source| failed("remove", &old.path, source))?;
        }
        if many > 0 { sync_dir(&self.0) } else { Ok(()) }
    }
}

fn time_of(name: &str) -> Option<Timestamp> {
    Timestamp::from_basic(name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?)
}

/// Whether nothing is lost when the file is replaced by a backup: there is none, it is empty, or it is a backup.
///
/// # Errors
/// When it cannot be read.
pub fn may_be_replaced(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && found.len() > 0 => {
            let backup = size_if_backup(path).map_err(|source| failed("read", path, source))?;
            Ok(backup.is_some())
        }
        _ => Ok(true),
    }
}

/// The size of a regular file that ends as every backup does.
fn size_if_backup(path: &Path) -> io::Result<Option<u64>> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() < seal::MARK.len() as u64 {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-(seal::MARK.len() as i64)))?;
    let mut end = vec![];
    file.read_to_end(&mut end)?;
    Ok((end == seal::MARK).then_some(metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at};

    #[test]
    fn the_newest_backups_are_kept_and_nothing_of_others_is_touched() {
        let store = Scratch::with_modules();
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("new/backups");
        let backups = BackupDir::open(&place).unwrap();
        assert_eq!(backups.backups().unwrap(), []);
        let strange = ["registry-20231114T221320Z.db", "registry.db", "registry-x.db", "notes"];
        for name in strange {
            fs::write(place.join(name), "mine").unwrap();
        }
        let add = |n, goes_on: bool, found: Option<&str>| {
            backups.add(&store, at(n), 2, &mut || goes_on, &mut |_| Ok(found.map(str::to_owned)))
        };
        let made: Vec<_> = (1..5).map(|n| add(n, true, None).unwrap()).collect();
        assert_eq!(backups.backups().unwrap(), made[2..]);
        assert!(strange.iter().all(|name| place.join(name).exists()));
        let stopped = add(9, false, None).unwrap_err();
        assert!(stopped.to_string().contains("registry-"), "{stopped}");
        assert_eq!(backups.backups().unwrap(), made[2..]);
        for n in 10..15 {
            let damaged = add(n, true, Some("a row")).unwrap_err();
            assert!(damaged.to_string().starts_with("a row"), "{damaged}");
        }
        assert_eq!(backups.backups().unwrap(), made[2..], "no backup is removed for a damaged one");
        assert!(place.join(DAMAGED).exists());
        fs::write(place.join(".registry-scheduled-x"), "half").unwrap();
        BackupDir::open(&place).unwrap();
        assert_eq!(fs::read_dir(&place).unwrap().count(), strange.len() + 3);
    }
}
