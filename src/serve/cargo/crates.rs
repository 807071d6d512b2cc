//! Crates that were downloaded lately, kept in memory.

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::model::{CrateName, SdkVersion};
use crate::store::{Store, StoreError};

/// Bytes of crates that are kept in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// Crates that are expected to fit.
const CACHE_CRATES: usize = 1024;

/// A larger crate is read from the store each time: it would push out all others.
const LARGEST_KEPT: usize = 8 << 20;

type Key = (CrateName, SdkVersion);

#[derive(Clone)]
struct Size;

impl Weighter<Key, Bytes> for Size {
    fn weight(&self, _: &Key, bytes: &Bytes) -> u64 {
        bytes.len() as u64 + 512
    }
}

/// Bytes of published crates. They never change, so nothing here grows stale.
pub(in crate::serve) struct CrateCache(Cache<Key, Bytes, Size>);

impl Default for CrateCache {
    fn default() -> Self {
        Self(Cache::with_weighter(CACHE_CRATES, CACHE_BYTES, Size))
    }
}

impl CrateCache {
    /// The bytes of one version, if it was published.
    pub(super) fn get(
        &self,
        store: &Store,
        name: &CrateName,
        version: &SdkVersion,
    ) -> Result<Option<Bytes>, StoreError> {
        let key = (name.clone(), version.clone());
        if let Some(bytes) = self.0.get(&key) {
            return Ok(Some(bytes));
        }
        let bytes = store.crate_bytes(name, version)?;
        if let Some(bytes) = bytes.as_ref().filter(|bytes| bytes.len() <= LARGEST_KEPT) {
            self.0.insert(key, bytes.clone());
        }
        Ok(bytes)
    }
}
