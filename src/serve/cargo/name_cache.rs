//! The crates that names meant when they were last asked for.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::model::CrateName;
use crate::store::Module;

/// Names that are kept in memory.
const KEPT: usize = 4096;

/// What a name means. All else that is kept of a crate is kept by the module's id: a name passes to another module when
/// the one that had it is deleted.
pub(super) struct Named {
    /// The crate as it is spelled right.
    pub name: CrateName,
    /// Whose SDKs these are: decides who may read them.
    pub module: Module,
    /// The count of changes before the module was read; its meaning holds while nothing has changed since.
    pub count: u64,
}

/// What names meant when they were last asked for, by their spelling.
pub(in crate::serve) struct NameCache(pub(super) Cache<Box<str>, Arc<Named>>);

impl Default for NameCache {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}
