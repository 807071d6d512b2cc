//! A cache of recently downloaded crates.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::model::{ModuleId, OwnerId};

/// The bytes of crates in the cache.
const CACHE_BYTES: u64 = 64 << 20;

/// The expected number of crates in the cache.
const CACHE_CRATES: usize = 1024;

/// The most bytes of a crate in the cache. A larger crate is read from the store each time, because it would push out
/// all others.
const LARGEST_KEPT: usize = 8 << 20;

/// One published crate, ready to send.
pub(super) struct CrateFile {
    /// The other owners whose private modules the crate depends on, when the count of changes was `count`.
    pub(super) needs: Vec<OwnerId>,
    /// The count of changes when `needs` was read.
    pub(super) count: u64,
    /// The `.crate` file; a published version never changes.
    pub(super) bytes: Bytes,
    /// The entity tag of the crate.
    pub(super) etag: HeaderValue,
}

#[derive(Clone)]
struct Size;

impl Weighter<Key, Arc<CrateFile>> for Size {
    fn weight(&self, _: &Key, file: &Arc<CrateFile>) -> u64 {
        file.bytes.len() as u64 + 512
    }
}

/// The module, and `NAME/VERSION` as requested.
type Key = (ModuleId, Box<str>);

/// Crates by module, name and version.
pub(in crate::serve) struct CrateCache(Cache<Key, Arc<CrateFile>, Size>);

impl Default for CrateCache {
    fn default() -> Self {
        Self(Cache::with_weighter(CACHE_CRATES, CACHE_BYTES, Size))
    }
}

impl CrateCache {
    /// The crate, even if its `needs` are stale.
    pub(super) fn get(&self, module: ModuleId, name: &str, version: &str) -> Option<Arc<CrateFile>> {
        self.0.get(&(module, format!("{name}/{version}").into()))
    }

    /// How often a crate was in the cache, and how often not.
    pub(in crate::serve) fn hits_and_misses(&self) -> (u64, u64) {
        (self.0.hits(), self.0.misses())
    }

    /// Adds a crate to the cache unless it is too large.
    pub(super) fn insert(&self, module: ModuleId, name: &str, version: &str, file: Arc<CrateFile>) {
        if file.bytes.len() <= LARGEST_KEPT {
            self.0.insert((module, format!("{name}/{version}").into()), file);
        }
    }
}
