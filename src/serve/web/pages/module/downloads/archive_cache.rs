//! A cache of archives for downloads. Each archive is packed once for all concurrent requests, and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::OnceCell;
use tokio::task::block_in_place;

use super::archive_kind::ArchiveKind;
use crate::serve::http::error::Answer;
use crate::store::SdkKey;

/// The bytes of archives that are cached after their last download.
const CACHE_BYTES: u64 = 32 << 20;

/// The expected number of archives in the cache.
const CACHE_ARCHIVES: usize = 256;

/// The content and the kind of an archive. Names can come to mean other content, so the key has ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::serve::web) enum ArchiveKey {
    /// The files of a commit.
    Sources(crate::model::CommitId, ArchiveKind),
    /// The files of an SDK.
    Generated(SdkKey, ArchiveKind),
}

/// An archive, once it is packed.
type Packed = OnceCell<Bytes>;

#[derive(Clone)]
struct Size;

impl Weighter<ArchiveKey, Arc<Packed>> for Size {
    fn weight(&self, _: &ArchiveKey, packed: &Arc<Packed>) -> u64 {
        packed.get().map_or(0, Bytes::len) as u64 + 512
    }
}

/// The bytes of an archive for one download. The archive stays in memory until its last download has ended.
struct Shared(Arc<Packed>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.get().map_or(&[], |bytes| bytes)
    }
}

/// Archives that are being downloaded, or were recently.
pub(in crate::serve) struct Archives {
    used: Mutex<HashMap<ArchiveKey, Weak<Packed>>>,
    kept: Cache<ArchiveKey, Arc<Packed>, Size>,
}

impl Default for Archives {
    fn default() -> Self {
        Self { used: Mutex::default(), kept: Cache::with_weighter(CACHE_ARCHIVES, CACHE_BYTES, Size) }
    }
}

impl Archives {
    /// The archive. `pack`, which may block, makes it unless another request has made it or is making it.
    ///
    /// # Errors
    /// When `pack` fails.
    pub(in crate::serve::web) async fn get(
        &self,
        key: ArchiveKey,
        pack: impl FnOnce() -> Answer<Bytes>,
    ) -> Answer<Bytes> {
        let packed = self.cell(&key);
        packed.get_or_try_init(|| async { block_in_place(pack) }).await?;
        self.kept.insert(key, Arc::clone(&packed));
        Ok(Bytes::from_owner(Shared(packed)))
    }

    fn cell(&self, key: &ArchiveKey) -> Arc<Packed> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = used.get(key).and_then(Weak::upgrade) {
            return cell;
        }
        if used.len() >= 2 * CACHE_ARCHIVES {
            used.retain(|_, cell| cell.strong_count() > 0);
        }
        let cell = Arc::new(Packed::new());
        used.insert(key.clone(), Arc::downgrade(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn many_downloads_share_one_archive() {
        let archives = Archives::default();
        let key = ArchiveKey::Sources("0123456789abcdef0123456789abcdef".parse().unwrap(), ArchiveKind::Zip);
        let pack = || Ok(Bytes::from(vec![0; 40 << 20]));
        let first = archives.get(key.clone(), pack).await.unwrap();
        let second = archives.get(key.clone(), || panic!("it is packed")).await.unwrap();
        assert_eq!(first.as_ptr(), second.as_ptr());
        drop((first, second));
        assert!(archives.cell(&key).get().is_none(), "it is too large to be kept when nobody downloads it");
    }
}
