//! Crates in a bucket, with a cache on this machine's disk before it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::address::BlobAddress;
use super::bucket::{Bucket, ObjectPage};
use super::cache::Cache;
use super::connector::Patience;
use super::failure::Failure;
use super::shared_reads::SharedReads;
use crate::model::{Sha256Digest, Timestamp};
use crate::store::db::error::{Result, StoreError};

/// For how long an object that was found is relied upon, in microseconds: half as long as one that nobody names stays,
/// so that it is not removed while a transaction names it.
const RELIED_UPON: i64 = 12 * 60 * 60 * 1_000_000;

/// How long the object store may take to say whether it is well.
const WORD: Duration = Duration::from_secs(2);

/// Crates in an object store: cheap to clone, callable from any thread. All calls block.
#[derive(Debug, Clone)]
pub struct BlobStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bucket: Bucket,
    /// Programs beside servers have none.
    cache: Option<Cache>,
    reads: SharedReads,
    /// The address for people.
    shown: String,
    /// The bucket and the prefix, by which servers tell whether they have the same place.
    place: String,
}

impl BlobStore {
    /// Opens the place at `address`, with a cache of at most `cache_bytes` in the directory `cache_dir`. Sends nothing;
    /// [`BlobStore::check`] does.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the cache cannot be made, [`StoreError::BlobsUnreachable`] if this machine cannot make
    /// connections to an object store.
    pub fn open(address: &BlobAddress, cache_dir: PathBuf, cache_bytes: u64) -> Result<Self> {
        Self::open_with(address, Some((cache_dir, cache_bytes)), Patience::default())
    }

    /// Opens the place at `address` for a program beside servers, which leaves their caches alone. Sends nothing;
    /// [`BlobStore::check`] does.
    ///
    /// # Errors
    /// [`StoreError::BlobsUnreachable`] if this machine cannot make connections to an object store.
    pub fn open_without_cache(address: &BlobAddress) -> Result<Self> {
        Self::open_with(address, None, Patience::default())
    }

    pub(super) fn open_with(address: &BlobAddress, cache: Option<(PathBuf, u64)>, patience: Patience) -> Result<Self> {
        let shown = address.to_string();
        let open_cache = |(dir, bytes): (PathBuf, u64)| {
            Cache::open(dir.clone(), bytes).map_err(|source| StoreError::Io {
                doing: "open the cache of crates in",
                path: dir,
                source,
            })
        };
        let cache = cache.map(open_cache).transpose()?;
        let bucket = Bucket::open(address, patience).map_err(|reason| StoreError::BlobsUnreachable {
            doing: "prepare connections",
            blobs: shown.clone(),
            reason,
        })?;
        let (reads, place) = (SharedReads::default(), address.place());
        Ok(Self { shared: Arc::new(Shared { bucket, cache, reads, shown, place }) })
    }

    /// The bucket and the prefix, as `s3://bucket/prefix`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.shared.place
    }

    /// Checks that objects can be written and read: stores the one without bytes, if it is not there, and reads it. Finds
    /// out whether the object store can write only what is not there yet.
    ///
    /// # Errors
    /// [`StoreError::NoBucket`], [`StoreError::BlobsRefused`], [`StoreError::BlobsUnreachable`] or
    /// [`StoreError::BlobsBusy`].
    pub fn check(&self) -> Result<()> {
        let nothing = Sha256Digest::of(b"");
        let is_new = || match self.shared.bucket.put_new(&nothing, b"") {
            Ok(()) => Ok(true),
            Err(Failure::Exists) => Ok(false),
            Err(failure) => Err(self.explain(failure, "write to the object store")),
        };
        if is_new()? && is_new()? {
            self.shared.bucket.expect_no_conditions();
        }
        let read = self.shared.bucket.get(&nothing).map(drop);
        read.map_err(|failure| self.explain(failure, "read from the object store"))
    }

    /// Stores a crate, before the transaction that names it. `false` if it has to be kept elsewhere: an object of its
    /// name was there, and is another, or so old that it may be removed before the transaction ends.
    pub(super) fn keep(&self, digest: &Sha256Digest, bytes: &[u8], at: Timestamp) -> Result<bool> {
        let explain = |failure| self.explain(failure, "store a crate");
        if *digest != Sha256Digest::of(bytes) {
            return Err(StoreError::Damaged(format!("a crate that should have the checksum {digest}")));
        }
        let is_kept = match self.shared.bucket.put_new(digest, bytes) {
            Ok(()) => true,
            Err(Failure::Exists) => self.is_reliable(digest, at).map_err(explain)?,
            Err(failure) => return Err(explain(failure)),
        };
        if is_kept {
            self.cache(digest, bytes);
        }
        Ok(is_kept)
    }

    /// Whether the object that is there can be relied upon.
    fn is_reliable(&self, digest: &Sha256Digest, at: Timestamp) -> std::result::Result<bool, Failure> {
        match self.shared.bucket.get(digest) {
            Ok(object) => Ok(at.as_micros().saturating_sub(object.stored.as_micros()) < RELIED_UPON),
            Err(Failure::Absent | Failure::OtherBytes) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// The bytes of a crate; `what` it is, for errors.
    pub(super) fn read(&self, digest: &Sha256Digest, what: &dyn Fn() -> String) -> Result<Bytes> {
        if let Some(bytes) = self.cached(digest) {
            return Ok(bytes);
        }
        let read = || {
            // Somebody may have read it before this call came to its turn.
            if let Some(bytes) = self.cached(digest) {
                return Ok(bytes);
            }
            let bytes = self.shared.bucket.get(digest)?.bytes;
            self.cache(digest, &bytes);
            Ok(bytes)
        };
        self.shared.reads.read(digest, read).map_err(|failure| match failure {
            Failure::Absent => StoreError::NotInBlobs {
                what: what(),
                blobs: self.shared.shown.clone(),
                key: self.shared.bucket.key(digest),
            },
            Failure::OtherBytes => StoreError::Damaged(what()),
            failure => self.explain(failure, "read a crate"),
        })
    }

    /// Asks the object store for a word; if none comes, or a bad one, why, worded for users. Does not wait for long.
    pub(super) fn health(&self) -> std::result::Result<(), &'static str> {
        let nothing = Sha256Digest::of(b"");
        self.shared.bucket.look_for(&nothing, WORD).map_err(|failure| {
            let error = self.explain(failure, "look for an object");
            tracing::warn!(%error, "the object store is not well");
            error.outage()
        })
    }

    fn cached(&self, digest: &Sha256Digest) -> Option<Bytes> {
        self.shared.cache.as_ref().and_then(|cache| cache.get(digest))
    }

    fn cache(&self, digest: &Sha256Digest, bytes: &[u8]) {
        if let Some(cache) = &self.shared.cache {
            cache.put(digest, bytes);
        }
    }

    /// Some of the objects, after the name `after`.
    pub(super) fn list(&self, after: Option<String>) -> Result<ObjectPage> {
        let mut page = self
            .shared
            .bucket
            .list(after)
            .map_err(|failure| self.explain(failure, "list the crates in the object store"))?;
        // That of `check` belongs to nobody, and is not left over.
        let nothing = Sha256Digest::of(b"");
        page.objects.retain(|object| object.digest != nothing);
        Ok(page)
    }

    /// Removes an object that was stored before this time; `false` if there is none.
    pub(super) fn remove_older(&self, digest: &Sha256Digest, before: Timestamp) -> Result<bool> {
        let removed = self.shared.bucket.delete_older(digest, before);
        removed.map_err(|failure| self.explain(failure, "remove a crate that nobody names"))
    }

    fn explain(&self, failure: Failure, doing: &'static str) -> StoreError {
        failure.while_doing(doing, &self.shared.shown)
    }
}
