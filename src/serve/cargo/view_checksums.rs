//! A cache of the checksums of crates in views of the index.

use std::sync::{Mutex, MutexGuard, PoisonError};

use quick_cache::sync::Cache;

use crate::model::{ModuleId, Sha256Digest};

/// The number of checksums that are kept.
const KEPT: usize = 8192;

/// The checksums of crates in views, by module, crate and version.
pub(in crate::serve) struct ViewChecksums {
    known: Cache<(ModuleId, Box<str>), Sha256Digest>,
    turn: Mutex<()>,
}

impl Default for ViewChecksums {
    fn default() -> Self {
        Self { known: Cache::new(KEPT), turn: Mutex::default() }
    }
}

impl ViewChecksums {
    /// The checksum of a crate, `NAME/VERSION`, of `module`; `compute` finds it the first time.
    ///
    /// # Errors
    /// When `compute` fails.
    pub(super) fn get<E>(
        &self,
        module: ModuleId,
        version: String,
        compute: impl FnOnce() -> Result<Sha256Digest, E>,
    ) -> Result<Sha256Digest, E> {
        self.known.get_or_insert_with(&(module, version.into_boxed_str()), compute)
    }

    /// A turn to pack a crate again: that takes its unpacked size in memory, so it is one at a time.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
