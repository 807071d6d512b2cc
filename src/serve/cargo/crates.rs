//! Crates that were downloaded lately, kept in memory.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::store::Module;

/// Bytes of crates that are kept in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// Crates that are expected to fit.
const CACHE_CRATES: usize = 1024;

/// A larger crate is read from the store each time: it would push out all others.
const LARGEST_KEPT: usize = 8 << 20;

/// One published crate, ready to send.
pub(super) struct CrateFile {
    /// Whose SDK it is: decides who may read it.
    pub(super) module: Module,
    /// The count of changes when the module was read.
    pub(super) count: u64,
    /// The `.crate` file; a published version never changes.
    pub(super) bytes: Bytes,
    /// Its version as a tag.
    pub(super) etag: HeaderValue,
}

#[derive(Clone)]
struct Size;

impl Weighter<Box<str>, Arc<CrateFile>> for Size {
    fn weight(&self, _: &Box<str>, file: &Arc<CrateFile>) -> u64 {
        file.bytes.len() as u64 + 512
    }
}

/// Crates by `NAME/VERSION` as they were asked for.
pub(in crate::serve) struct CrateCache(Cache<Box<str>, Arc<CrateFile>, Size>);

impl Default for CrateCache {
    fn default() -> Self {
        Self(Cache::with_weighter(CACHE_CRATES, CACHE_BYTES, Size))
    }
}

impl CrateCache {
    /// The crate, whether or not its module was read lately.
    pub(super) fn get(&self, name: &str, version: &str) -> Option<Arc<CrateFile>> {
        self.0.get(format!("{name}/{version}").as_str())
    }

    /// Keeps a crate unless it is too large.
    pub(super) fn insert(&self, name: &str, version: &str, file: Arc<CrateFile>) {
        if file.bytes.len() <= LARGEST_KEPT {
            self.0.insert(format!("{name}/{version}").into(), file);
        }
    }
}
