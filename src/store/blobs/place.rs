//! Where the bytes of crates are beside the database: nowhere, or in an object store.

use bytes::Bytes;

#[cfg(feature = "cluster")]
use super::blob_store::BlobStore;
use crate::model::{Sha256Digest, Timestamp};
use crate::store::db::error::Result;

/// The place for crates beside the database.
#[derive(Clone, Default)]
pub(in crate::store) struct BlobPlace {
    #[cfg(feature = "cluster")]
    blobs: Option<BlobStore>,
}

#[cfg(feature = "cluster")]
impl BlobPlace {
    pub(in crate::store) fn of(blobs: BlobStore) -> Self {
        Self { blobs: Some(blobs) }
    }

    /// Whether there is one.
    pub(in crate::store) fn is_some(&self) -> bool {
        self.blobs.is_some()
    }

    /// The bucket and the prefix of it.
    pub(in crate::store) fn shown(&self) -> Option<&str> {
        self.blobs.as_ref().map(BlobStore::place)
    }

    /// Stores a crate there; `false` if it has to be in the database.
    pub(in crate::store) fn keep(&self, digest: &Sha256Digest, bytes: &[u8], at: Timestamp) -> Result<bool> {
        self.blobs.as_ref().map_or(Ok(false), |blobs| blobs.keep(digest, bytes, at))
    }

    /// The bytes of a crate that is not in the database; `None` without such a place.
    pub(in crate::store) fn read(&self, digest: &Sha256Digest, what: &dyn Fn() -> String) -> Result<Option<Bytes>> {
        self.blobs.as_ref().map(|blobs| blobs.read(digest, what)).transpose()
    }

    /// Asks whether it is well; if not, why, worded for users. `None` without such a place.
    pub(in crate::store) fn health(&self) -> Option<std::result::Result<(), &'static str>> {
        self.blobs.as_ref().map(BlobStore::health)
    }

    /// The digests of the objects that were stored before `time`, page by page, until `each` fails.
    pub(in crate::store) fn each_page(
        &self,
        before: Timestamp,
        mut each: impl FnMut(Vec<Sha256Digest>) -> Result<()>,
    ) -> Result<()> {
        let Some(blobs) = &self.blobs else { return Ok(()) };
        let mut after = None;
        loop {
            let page = blobs.list(after)?;
            each(page.objects.iter().filter(|object| object.stored < before).map(|object| object.digest).collect())?;
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Removes an object that was stored before this time; `false` if there is none.
    pub(in crate::store) fn remove_older(&self, digest: &Sha256Digest, before: Timestamp) -> Result<bool> {
        self.blobs.as_ref().map_or(Ok(false), |blobs| blobs.remove_older(digest, before))
    }
}

/// Without object stores there is no such place.
#[cfg(not(feature = "cluster"))]
impl BlobPlace {
    pub(in crate::store) fn is_some(&self) -> bool {
        false
    }

    pub(in crate::store) fn shown(&self) -> Option<&str> {
        None
    }

    pub(in crate::store) fn keep(&self, _: &Sha256Digest, _: &[u8], _: Timestamp) -> Result<bool> {
        Ok(false)
    }

    pub(in crate::store) fn read(&self, _: &Sha256Digest, _: &dyn Fn() -> String) -> Result<Option<Bytes>> {
        Ok(None)
    }

    pub(in crate::store) fn health(&self) -> Option<std::result::Result<(), &'static str>> {
        None
    }

    pub(in crate::store) fn each_page(
        &self,
        _: Timestamp,
        _: impl FnMut(Vec<Sha256Digest>) -> Result<()>,
    ) -> Result<()> {
        Ok(())
    }

    pub(in crate::store) fn remove_older(&self, _: &Sha256Digest, _: Timestamp) -> Result<bool> {
        Ok(false)
    }
}
