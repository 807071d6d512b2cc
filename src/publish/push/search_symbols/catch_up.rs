//! Fills the search index of modules that an older program indexed, or none.

use crate::publish::{DescriptorsError, Publisher};
use crate::store::StoreError;

impl Publisher {
    /// Indexes the modules whose index is of an older format, one after the other, and keeps the outlines of their heads.
    /// Each is compiled, and not kept in memory. Returns their number.
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
            if let Some(commit) = self.store.commit(head.commit)?
                && let Err(DescriptorsError::Store(error)) = self.outline_of(&commit, module)
            {
                return Err(error);
            }
            if !is_kept {
                self.compiled.remove(&key);
            }
        }
        Ok(behind.len())
    }
}
