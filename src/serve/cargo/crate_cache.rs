//! Crates that were downloaded lately, kept in memory.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::model::{ModuleId, OwnerId};

/// Bytes of crates that are kept in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// Crates that are expected to fit.
const CACHE_CRATES: usize = 1024;

/// A larger crate is read from the store each time: it would push out all others.
const LARGEST_KEPT: usize = 8 << 20;

/// One published crate, ready to send.
pub(super) struct CrateFile {
    /// Whose private modules it is made of, besides its own: as it was at `count`.
    pub(super) needs: Vec<OwnerId>,
    /// The count of changes when that was read.
    pub(super) count: u64,
    /// The `.crate` file; a published version never changes.
    pub(super) bytes: Bytes,
    /// Its version as a tag.
    pub(super) etag: HeaderValue,
}

#[derive(Clone)]
struct Size;

impl Weighter<Key, Arc<CrateFile>> for Size {
    fn weight(&self, _: &Key, file: &Arc<CrateFile>) -> u64 {
        file.bytes.len() as u64 + 512
    }
}

/// The module, and `NAME/VERSION` as it was asked for.
type Key = (ModuleId, Box<str>);

/// Crates by module, name and version.
pub(in crate::serve) struct CrateCache(Cache<Key, Arc<CrateFile>, Size>);

impl Default for CrateCache {
    fn default() -> Self {
        Self(Cache::with_weighter(CACHE_CRATES, CACHE_BYTES, Size))
    }
}

impl CrateCache {
    /// The crate, whether or not what it needs was read lately.
    pub(super) fn get(&self, module: ModuleId, name: &str, version: &str) -> Option<Arc<CrateFile>> {
        self.0.get(&(module, format!("{name}/{version}").into()))
    }

    /// Keeps a crate unless it is too large.
    pub(super) fn insert(&self, module: ModuleId, name: &str, version: &str, file: Arc<CrateFile>) {
        if file.bytes.len() <= LARGEST_KEPT {
            self.0.insert((module, format!("{name}/{version}").into()), file);
        }
    }
}
