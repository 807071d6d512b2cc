//! A cache of crates by the spelling of their names.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::model::CrateName;
use crate::store::Module;

/// The number of names in the cache.
const KEPT: usize = 4096;

/// The crate that a name means. The other caches of crates have the module's id in their keys, because a name can pass
/// to another module after its module is deleted.
pub(super) struct NamedCrate {
    /// The crate's name in the right spelling.
    pub name: CrateName,
    /// The module of the crate, which decides who may read it.
    pub module: Module,
    /// The count of changes before the module was read. The entry is stale when the module has changed since.
    pub count: u64,
}

/// Crates by the spelling of their names.
pub(in crate::serve) struct NameCache(pub(super) Cache<Box<str>, Arc<NamedCrate>>);

impl Default for NameCache {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}
