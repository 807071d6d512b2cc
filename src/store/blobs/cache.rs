//! Objects on this machine's disk, so that most reads ask nobody. It may lose or damage any of them at any time.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;

use crate::model::Sha256Digest;

/// How the names of files begin that are not whole yet.
const UNFINISHED: &str = "new-";

/// The objects in one directory, of so many bytes at most.
#[derive(Debug)]
pub(super) struct Cache {
    dir: PathBuf,
    limit: u64,
    index: Mutex<Index>,
}

/// Which objects are there, and which of them was used the longest ago.
#[derive(Debug, Default)]
struct Index {
    files: HashMap<Sha256Digest, Entry>,
    /// By the time of the last use, counted in uses.
    order: BTreeMap<u64, Sha256Digest>,
    uses: u64,
    /// Of all files, and of those that are being written.
    bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    size: u64,
    used: u64,
}

impl Cache {
    /// Opens the cache in `dir`, which is made if it does not exist.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub(super) fn open(dir: PathBuf, limit: u64) -> io::Result<Self> {
        make_private(&dir)?;
        let mut found = vec![];
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(UNFINISHED) {
                discard(&entry.path());
            } else if let (Ok(digest), Ok(file)) = (name.parse::<Sha256Digest>(), entry.metadata()) {
                found.push((file.modified().unwrap_or(SystemTime::UNIX_EPOCH), digest, file.len()));
            }
        }
        // When they were read last is not kept: those that were written first go first.
        found.sort();
        let cache = Self { dir, limit, index: Mutex::default() };
        let mut index = cache.lock();
        for (_, digest, size) in found {
            index.bytes += size;
            index.add(digest, size);
        }
        cache.make_room(&mut index);
        drop(index);
        Ok(cache)
    }

    /// An object, whose bytes have this digest.
    pub(super) fn get(&self, digest: &Sha256Digest) -> Option<Bytes> {
        self.lock().files.contains_key(digest).then_some(())?;
        let path = self.path(digest);
        match std::fs::read(&path) {
            Ok(bytes) if Sha256Digest::of(&bytes) == *digest => {
                self.lock().touch(digest);
                return Some(bytes.into());
            }
            Ok(_) => tracing::warn!(path = %path.display(), "a cached crate is damaged, and is fetched again"),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a cached crate cannot be read, and is fetched again");
            }
        }
        self.lock().remove(digest);
        discard(&path);
        None
    }

    /// Keeps an object, in place of those that were used the longest ago. If that fails, it is only not kept.
    pub(super) fn put(&self, digest: &Sha256Digest, bytes: &[u8]) {
        let size = bytes.len() as u64;
        {
            let mut index = self.lock();
            if size > self.limit || index.files.contains_key(digest) {
                return;
            }
            index.bytes += size;
            self.make_room(&mut index);
        }
        let written = self.write(digest, bytes);
        let mut index = self.lock();
        match written {
            // Somebody else may have kept it meanwhile.
            Ok(()) if !index.files.contains_key(digest) => index.add(*digest, size),
            Ok(()) => index.bytes -= size,
            Err(error) => {
                index.bytes -= size;
                tracing::warn!(dir = %self.dir.display(), %error, "a crate could not be cached");
            }
        }
    }

    /// A file is whole from the moment at which it has its name.
    fn write(&self, digest: &Sha256Digest, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.dir)?;
        file.write_all(bytes)?;
        file.persist(self.path(digest)).map(drop).map_err(|error| error.error)
    }

    fn make_room(&self, index: &mut Index) {
        while index.bytes > self.limit {
            let Some((_, digest)) = index.order.first_key_value() else { return };
            let digest = *digest;
            index.remove(&digest);
            discard(&self.path(&digest));
        }
    }

    fn path(&self, digest: &Sha256Digest) -> PathBuf {
        self.dir.join(digest.to_string())
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    /// Adds a file whose bytes are counted.
    fn add(&mut self, digest: Sha256Digest, size: u64) {
        self.uses += 1;
        self.files.insert(digest, Entry { size, used: self.uses });
        self.order.insert(self.uses, digest);
    }

    fn touch(&mut self, digest: &Sha256Digest) {
        if let Some(entry) = self.files.remove(digest) {
            self.order.remove(&entry.used);
            self.add(*digest, entry.size);
        }
    }

    fn remove(&mut self, digest: &Sha256Digest) {
        if let Some(entry) = self.files.remove(digest) {
            self.order.remove(&entry.used);
            self.bytes -= entry.size;
        }
    }
}

/// Makes a directory that others cannot read: crates of private modules come into it.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Removes a file. One that stays takes room that is not counted until the next start.
fn discard(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "a cached crate could not be removed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(n: u8) -> (Sha256Digest, Vec<u8>) {
        let bytes = vec![n; 10];
        (Sha256Digest::of(&bytes), bytes)
    }

    fn put(cache: &Cache, n: u8) {
        let (digest, bytes) = object(n);
        cache.put(&digest, &bytes);
    }

    fn has(cache: &Cache, n: u8) -> bool {
        let (digest, bytes) = object(n);
        cache.get(&digest).inspect(|found| assert_eq!(*found, bytes)).is_some()
    }

    #[test]
    fn the_oldest_used_goes_when_there_is_no_room() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path().join("crates"), 30).unwrap();
        (1..=3).for_each(|n| put(&cache, n));
        assert!(has(&cache, 1), "used again");
        put(&cache, 4);
        put(&cache, 4);
        assert_eq!([1, 2, 3, 4].map(|n| has(&cache, n)), [true, false, true, true]);
        assert_eq!(std::fs::read_dir(dir.path().join("crates")).unwrap().count(), 3);
        let (digest, _) = object(9);
        cache.put(&digest, &[0; 31]);
        assert!(cache.get(&digest).is_none(), "larger than everything");
        drop(cache);
        std::fs::write(dir.path().join("crates/new-left"), "half").unwrap();
        let smaller = Cache::open(dir.path().join("crates"), 20).unwrap();
        assert_eq!((smaller.lock().bytes, std::fs::read_dir(dir.path().join("crates")).unwrap().count()), (20, 2));
    }

    #[test]
    fn what_is_damaged_or_gone_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path().into(), 100).unwrap();
        (1..=2).for_each(|n| put(&cache, n));
        std::fs::write(cache.path(&object(1).0), "other").unwrap();
        std::fs::remove_file(cache.path(&object(2).0)).unwrap();
        assert!(!has(&cache, 1) && !has(&cache, 2));
        assert_eq!(cache.lock().bytes, 0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        put(&cache, 1);
        assert!(has(&cache, 1));
    }

    #[test]
    fn a_disk_that_takes_nothing_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path().join("crates"), 100).unwrap();
        std::fs::remove_dir(dir.path().join("crates")).unwrap();
        put(&cache, 1);
        assert!(!has(&cache, 1));
        assert_eq!(cache.lock().bytes, 0);
    }

    #[test]
    fn many_threads_keep_the_bound() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path().into(), 50).unwrap();
        std::thread::scope(|scope| {
            for start in 0..4 {
                let cache = &cache;
                scope.spawn(move || {
                    for n in 0..100_u8 {
                        put(cache, n.wrapping_mul(7).wrapping_add(start) % 20);
                        has(cache, n % 20);
                    }
                });
            }
        });
        let files = std::fs::read_dir(dir.path()).unwrap().count();
        let index = cache.lock();
        assert_eq!((index.files.len(), index.order.len(), index.bytes), (files, files, 10 * files as u64));
        assert!(index.bytes <= 50, "{}", index.bytes);
    }
}
