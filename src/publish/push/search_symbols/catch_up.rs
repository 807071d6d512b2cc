//! Fills the search index of modules that an older program indexed, or none.

use crate::model::{CommitId, ModuleName, Outline};
use crate::publish::{DescriptorsError, Publisher};
use crate::store::StoreError;

impl Publisher {
    /// Indexes the modules whose index is of an older format, one after the other, and keeps the outlines of their heads. Each is compiled, and not kept in
    /// memory. Returns their number.
    pub(in crate::publish) fn catch_up_search(&self) -> Result<usize, StoreError> {
        let behind = self.store.modules_to_index()?;
        for module in &behind {
            if self.work_signal.is_stopping() {
                break;
            }
            let Some(head) = self.store.label(module.id, &module.default_label)? else { continue };
            let key = (module.id, head.commit);
            let is_kept = self.compiled.peek(&key).is_some();
            self.index_default_label(module.id, (self.clock.now(), module.owner))?;
            self.keep_outline(head.commit, &module.name)?;
            if !is_kept {
                self.compiled.remove(&key);
            }
        }
        Ok(behind.len())
    }

    /// Keeps the outline of a commit that was just compiled, if it has none.
    fn keep_outline(&self, commit: CommitId, module: &ModuleName) -> Result<(), StoreError> {
        if self.store.outline(commit)?.is_some() {
            return Ok(());
        }
        match self.descriptors(commit, None) {
            Ok(descriptors) => self.store.put_outline(commit, &Outline::of(&descriptors, module)),
            Err(DescriptorsError::Store(error)) => Err(error),
            Err(_) => Ok(()),
        }
    }
}
