//! Backfill after an upgrade of the program: its catalogue may have newer plugins, or new revisions of packages.

use super::plan::{Plan, sdk_key};
use crate::model::PluginRef;
use crate::publish::Publisher;
use crate::store::{Interest, StoreError};

impl Publisher {
    /// Queues the missing SDKs of interests in default labels, by the current catalogue, the oldest interest first.
    /// They are background jobs, so all requests go first. Returns the number of heads that lacked SDKs.
    ///
    /// Jobs that failed are not retried, and published crates stay as they are.
    pub(in crate::publish) fn catch_up(&self) -> Result<usize, StoreError> {
        let mut behind = 0;
        for interest in self.store.default_label_interests()? {
            if self.work_signal.is_stopping() {
                break;
            }
            behind += usize::from(self.catch_up_with(&interest)?);
        }
        Ok(behind)
    }

    fn catch_up_with(&self, interest: &Interest) -> Result<bool, StoreError> {
        let reference = PluginRef { name: interest.plugin.clone(), version: interest.version };
        let Ok(plugin) = self.catalogue.find(&reference) else { return Ok(false) };
        let Some(head) = self.store.label(interest.module, &interest.label)? else { return Ok(false) };
        let key = sdk_key(head.commit, plugin);
        if !plugin.sdk || self.store.job(&key)?.is_some() || self.store.sdk(&key)?.is_some() {
            return Ok(false);
        }
        let mut plan = Plan::new(&self.store, &self.catalogue, &[], interest.module);
        plan.add(head.commit, plugin)?;
        let (jobs, _) = plan.finish();
        self.store.enqueue_background(&jobs, self.clock.now())?;
        self.wake(&[]);
        Ok(true)
    }
}
