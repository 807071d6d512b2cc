//! Incremental backups: a directory of pieces of sealed copies, each named by its digest, and a list of pieces for each
//! copy. A piece that is there already is not written again.
//!
//! The copy that is cut is the one of `registry backup FILE`, so its seal is checked again when it is put together. A
//! list is written last, under its final name at once: it exists when all of its pieces do. Pieces begin at multiples of
//! the database's largest page, so a page that did not change is in a piece that did not change, unless another page of
//! it did.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use crate::model::{Sha256Digest, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::dir_lock::{DataDir, DirLock, io as failed, sync_dir};
use crate::store::db::error::{Result, StoreError};
use crate::store::db::sqlite::copy::Copied;
use crate::store::upkeep::backup::CopyCheck;

/// Bytes of a piece: that of the largest page of SQLite.
const PIECE: usize = 64 << 10;

/// The first line of a list.
const HEAD: &str = "registry backup in pieces, 1";

/// What stands around the time in the name of a list.
const NAME: (&str, &str) = ("registry-", ".pieces");

/// The most bytes of a list: that of 4 TiB.
const LARGEST_LIST: u64 = 8 << 30;

/// A directory of pieces.
#[derive(Debug, Clone)]
pub struct PieceDir(PathBuf);

/// What a backup added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its list.
    pub list: PathBuf,
    /// Bytes of the whole copy.
    pub bytes: u64,
    /// Pieces of the whole copy.
    pub pieces: u64,
    /// Pieces that were not there, or damaged.
    pub new_pieces: u64,
    /// Bytes of these.
    pub new_bytes: u64,
    /// Old lists that were removed.
    pub removed_lists: u64,
    /// Pieces that no list had any more.
    pub removed_pieces: u64,
}

/// Why a directory of pieces holds no such backup.
#[derive(Debug, thiserror::Error)]
pub enum PiecesError {
    /// There is no list, or none of that name.
    #[error("{dir} holds no backup{named}; it has {there}")]
    NoBackup {
        /// The directory.
        dir: PathBuf,
        /// ` of that name`, or nothing.
        named: String,
        /// What there is.
        there: String,
    },
    /// The list is cut off or changed.
    #[error("the list {0} is damaged or cut off; restore another one")]
    DamagedList(PathBuf),
    /// The system refused.
    #[error("could not read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}

/// Why a backup cannot be put together from its pieces. It is the inner error of what [`PiecesReader`] returns.
#[derive(Debug, thiserror::Error)]
pub enum PieceError {
    /// There is no such file.
    #[error("this backup lacks the piece {0}; restore another backup")]
    Missing(PathBuf),
    /// Its bytes are not those of its digest.
    #[error("this backup is damaged: the piece {0} has other bytes than were written; restore another backup")]
    Damaged(PathBuf),
    /// The system refused.
    #[error("the piece {path} of this backup cannot be read: {source}; restore another backup")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}

impl From<PieceError> for io::Error {
    fn from(error: PieceError) -> Self {
        Self::other(error)
    }
}

impl PieceDir {
    /// The directory, which is created if it does not exist when a backup is added.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Adds a backup of `store` as of now, `at`. With `keep`, removes the lists before the newest so many, and pieces that
    /// no list has. One process at a time may add to a directory.
    ///
    /// # Errors
    /// When another process adds to the directory, or something cannot be written; [`StoreError::DamagedCopy`] if `check`
    /// finds damage, and then nothing is added or removed.
    pub fn add(
        &self,
        store: &Store,
        at: Timestamp,
        keep: Option<usize>,
        progress: &mut dyn FnMut(Copied),
        check: &mut CopyCheck<'_>,
    ) -> Result<Added> {
        store.check_is_file("make a backup in pieces")?;
        let _held = self.lock()?;
        let mut copy = store.sealed_copy_in(&self.0, progress, check)?;
        let list = self.free_list(at);
        let mut added =
            Added { list, bytes: 0, pieces: 0, new_pieces: 0, new_bytes: 0, removed_lists: 0, removed_pieces: 0 };
        let mut text = format!("{HEAD}\n");
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            piece.clear();
            let read = copy.as_file_mut().take(PIECE as u64).read_to_end(&mut piece);
            if read.map_err(|source| failed("read", copy.path(), source))? == 0 {
                break;
            }
            let digest = Sha256Digest::of(&piece);
            if self.put(digest, &piece)? {
                added.new_pieces += 1;
                added.new_bytes += piece.len() as u64;
            }
            added.pieces += 1;
            added.bytes += piece.len() as u64;
            text.push_str(&format!("{digest}\n"));
        }
        drop(copy);
        text.push_str(&format!("end {}\n", Sha256Digest::of(text.as_bytes())));
        write_durably(&self.0, &added.list, text.as_bytes())?;
        sync_dir(&self.0)?;
        if let Some(keep) = keep {
            self.prune(keep, &mut added)?;
        }
        Ok(added)
    }

    /// The right to add, by the same lock as that of a data directory.
    fn lock(&self) -> Result<DirLock> {
        DataDir::lock(&self.0).map_err(|error| match error {
            StoreError::NotADirectory { dir } => StoreError::NotABackupDirectory { dir },
            StoreError::InUse { dir } => StoreError::BackupsInUse { dir },
            error => error,
        })
    }

    /// A name for a list that none has: of `at`, or of the first second after it that is free.
    fn free_list(&self, mut at: Timestamp) -> PathBuf {
        loop {
            let list = self.0.join(format!("{}{}{}", NAME.0, at.basic(), NAME.1));
            if !list.exists() {
                return list;
            }
            at = at.next_second();
        }
    }

    /// Writes the piece, unless it is there. Returns whether it was written.
    fn put(&self, digest: Sha256Digest, piece: &[u8]) -> Result<bool> {
        let path = self.piece(digest);
        if fs::read(&path).is_ok_and(|there| there == piece) {
            return Ok(false);
        }
        let dir = path.parent().unwrap_or(&self.0);
        if !dir.is_dir() {
            fs::create_dir_all(dir).map_err(|source| failed("create directory", dir, source))?;
            sync_dir(dir.parent().unwrap_or(&self.0))?;
        }
        write_durably(dir, &path, piece)?;
        sync_dir(dir)?;
        Ok(true)
    }

    /// The bytes of a piece, compared with its digest.
    fn get(&self, digest: Sha256Digest) -> std::result::Result<Vec<u8>, PieceError> {
        let path = self.piece(digest);
        let mut piece = vec![];
        let read = File::open(&path).and_then(|file| file.take(PIECE as u64 + 1).read_to_end(&mut piece));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(PieceError::Missing(path)),
            Err(source) => Err(PieceError::Unreadable { path, source }),
            Ok(_) if Sha256Digest::of(&piece) != digest => Err(PieceError::Damaged(path)),
            Ok(_) => Ok(piece),
        }
    }

    fn piece(&self, digest: Sha256Digest) -> PathBuf {
        let name = digest.to_string();
        self.0.join("pieces").join(name.get(..2).unwrap_or_default()).join(&name)
    }

    /// The directory and the time of a list, if that is what the path is.
    #[must_use]
    pub fn of_list(path: &Path) -> Option<(PathBuf, String)> {
        let time = path.file_name()?.to_str()?.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
        Timestamp::from_basic(time)?;
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some((dir.into(), time.into()))
    }

    /// The lists, oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn lists(&self) -> io::Result<Vec<PathBuf>> {
        let mut lists = vec![];
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            let time = name.to_str().and_then(|name| name.strip_prefix(NAME.0)?.strip_suffix(NAME.1));
            if time.and_then(Timestamp::from_basic).is_some() {
                lists.push(entry.path());
            }
        }
        lists.sort();
        Ok(lists)
    }

    /// Reads the backup whose list has this file name, or the newest, from its pieces.
    ///
    /// # Errors
    /// When there is no such list, or it is damaged. Damaged pieces are errors of the reader.
    pub fn open(&self, list: Option<&str>) -> std::result::Result<PiecesReader, PiecesError> {
        let lists = self.lists().map_err(|source| PiecesError::Io { path: self.0.clone(), source })?;
        let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let wanted =
            |path: &&PathBuf| list.is_none_or(|list| [name(path), time_in(&name(path))].contains(&list.into()));
        let Some(path) = lists.iter().rev().find(wanted) else {
            let there: Vec<_> = lists.iter().map(|path| name(path)).collect();
            let there = if there.is_empty() { "no list of pieces".to_owned() } else { there.join(", ") };
            let named = list.map(|list| format!(" {list}")).unwrap_or_default();
            return Err(PiecesError::NoBackup { dir: self.0.clone(), named, there });
        };
        let digests = read_list(path).map_err(|source| PiecesError::Io { path: path.clone(), source })?;
        let digests = digests.ok_or_else(|| PiecesError::DamagedList(path.clone()))?;
        Ok(PiecesReader { dir: self.clone(), digests: digests.into_iter(), piece: io::Cursor::default() })
    }

    /// Removes all lists but the newest `keep`, and pieces that are in none of these.
    fn prune(&self, keep: usize, added: &mut Added) -> Result<()> {
        let lists = self.lists().map_err(|source| failed("read directory", &self.0, source))?;
        let (old, kept) = lists.split_at(lists.len().saturating_sub(keep.max(1)));
        let mut needed = BTreeSet::new();
        for list in kept {
            let digests = read_list(list).map_err(|source| failed("read", list, source))?;
            let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged, so nothing was removed");
            needed.extend(digests.ok_or_else(damaged).map_err(|source| failed("read", list, source))?);
        }
        for list in old {
            fs::remove_file(list).map_err(|source| failed("remove", list, source))?;
            added.removed_lists += 1;
        }
        sync_dir(&self.0)?;
        let pieces = self.0.join("pieces");
        let unreadable = |source| failed("read directory", &pieces, source);
        for dir in fs::read_dir(&pieces).map_err(unreadable)? {
            for entry in fs::read_dir(dir.map_err(unreadable)?.path()).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                let digest = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
                if digest.is_some_and(|digest: Sha256Digest| !needed.contains(&digest)) {
                    fs::remove_file(&path).map_err(|source| failed("remove", &path, source))?;
                    added.removed_pieces += 1;
                }
            }
        }
        Ok(())
    }
}

/// The time in the name of a list.
fn time_in(name: &str) -> String {
    name.trim_start_matches(NAME.0).trim_end_matches(NAME.1).to_owned()
}

/// The digests of a list; none if it is damaged.
fn read_list(path: &Path) -> io::Result<Option<Vec<Sha256Digest>>> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST_LIST).read_to_string(&mut text)?;
    let Some((body, end)) = text.rsplit_once("end ") else { return Ok(None) };
    if end.trim_end().parse() != Ok(Sha256Digest::of(body.as_bytes())) {
        return Ok(None);
    }
    let mut lines = body.lines();
    if lines.next() != Some(HEAD) {
        return Ok(None);
    }
    Ok(lines.map(|line| line.parse().ok()).collect())
}

/// Writes a file in `dir`, which is there as a whole or not at all.
fn write_durably(dir: &Path, path: &Path, content: &[u8]) -> Result<()> {
    let write = || {
        let mut temp = tempfile::Builder::new().prefix(".registry-backup-").tempfile_in(dir)?;
        temp.write_all(content)?;
        temp.as_file().sync_all()?;
        temp.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|source| failed("write", path, source))
}

/// A backup, put together from its pieces. Each is compared with its digest.
#[derive(Debug)]
pub struct PiecesReader {
    dir: PieceDir,
    digests: std::vec::IntoIter<Sha256Digest>,
    piece: io::Cursor<Vec<u8>>,
}

impl Read for PiecesReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(digest) = self.digests.next() else { return Ok(0) };
            self.piece = io::Cursor::new(self.dir.get(digest)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, commit_id, snapshot};
    use crate::store::{Restoring, StoreOptions};

    fn filled() -> Scratch {
        let store = Scratch::with_modules();
        let large: String = (0..400_000).map(|n| format!("// {n}\n")).collect();
        store.push_files(1, 1, &snapshot(&[("a.proto", &large)]));
        store
    }

    fn restored(dir: &PieceDir, list: Option<&str>) -> std::result::Result<bool, String> {
        let above = tempfile::tempdir().unwrap();
        let mut reader = dir.open(list).map_err(|error| error.to_string())?;
        let restoring = Restoring::read(&mut reader, &above.path().join("data"), &mut |_| {});
        let place = restoring.and_then(Restoring::finish).map_err(|error| error.to_string())?;
        let store = Store::open(&place, StoreOptions::default()).unwrap();
        Ok(store.commit(commit_id(2)).unwrap().is_some())
    }

    #[test]
    fn what_did_not_change_is_not_written_again_and_each_backup_comes_back() {
        let store = filled();
        let place = tempfile::tempdir().unwrap();
        let dir = PieceDir::new(&place.path().join("pieces-of-ours"));
        let first = dir.add(&store, at(1), None, &mut |_| {}, &mut |_| Ok(None)).unwrap();
        assert!(first.bytes > 2 << 20 && first.new_bytes <= first.bytes, "{first:?}");
        store.push_one(2, 1, &[], vec![]);
        let second = dir.add(&store, at(2), None, &mut |_| {}, &mut |_| Ok(None)).unwrap();
        assert!(second.new_bytes > 0 && second.new_bytes < first.bytes / 3, "{second:?} after {first:?}");
        assert_eq!(restored(&dir, None), Ok(true));
        let name = |added: &Added| added.list.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(restored(&dir, Some(&name(&first))), Ok(false));
        assert_eq!(restored(&dir, Some(&at(1).basic())), Ok(false));
        assert!(restored(&dir, Some("other")).unwrap_err().contains(&name(&second)));

        // The first is pruned, with pieces of it alone; the rest goes on.
        let third = dir.add(&store, at(3), Some(2), &mut |_| {}, &mut |_| Ok(None)).unwrap();
        assert_eq!((third.removed_lists, third.removed_pieces > 0), (1, true), "{third:?}");
        assert_eq!(restored(&dir, Some(&name(&second))), Ok(true));
        assert_eq!(restored(&dir, None), Ok(true));
    }

    #[test]
    fn damage_is_found_and_mended_by_the_next_backup() {
        let store = filled();
        let place = tempfile::tempdir().unwrap();
        let dir = PieceDir::new(place.path());
        let first = dir.add(&store, at(1), None, &mut |_| {}, &mut |_| Ok(None)).unwrap();
        let digests = read_list(&first.list).unwrap().unwrap();
        let piece = dir.piece(digests[3]);
        let mut bytes = fs::read(&piece).unwrap();
        bytes[7] ^= 1;
        fs::write(&piece, bytes).unwrap();
        assert!(restored(&dir, None).unwrap_err().contains("this backup is damaged: the piece"));
        fs::remove_file(&piece).unwrap();
        assert!(restored(&dir, None).unwrap_err().contains("this backup lacks the piece"));
        let second = dir.add(&store, at(2), None, &mut |_| {}, &mut |_| Ok(None)).unwrap();
        assert_eq!(second.new_pieces, 1, "{second:?}");
        assert_eq!(restored(&dir, None), Ok(false));
        let text = fs::read_to_string(&second.list).unwrap();
        fs::write(&second.list, &text[..text.len() / 2]).unwrap();
        assert!(restored(&dir, None).unwrap_err().contains("damaged or cut off"));
        let before = dir.lists().unwrap();
        let damaged = dir.add(&store, at(3), Some(1), &mut |_| {}, &mut |_| Ok(Some("a row".into()))).unwrap_err();
        assert!(matches!(damaged, StoreError::DamagedCopy(_)), "{damaged}");
        assert_eq!(dir.lists().unwrap(), before);
        let _held = DataDir::lock(place.path()).unwrap();
        let busy = dir.add(&store, at(3), None, &mut |_| {}, &mut |_| Ok(None)).unwrap_err();
        assert!(busy.to_string().contains("another backup is being added"), "{busy}");
    }
}
