//! What a new release of the program owes: its catalogue may have newer plugins, or better packages by the same ones.

use super::plan::{Plan, sdk_key};
use crate::model::PluginRef;
use crate::publish::Publisher;
use crate::store::{Interest, StoreError};

impl Publisher {
    /// Queues the SDKs that interests in default labels are owed by the catalogue as it is now, the oldest interest
    /// first. Nobody waits for them, so whatever else is asked for goes first; says how many heads were behind.
    ///
    /// What was tried already is not tried again, and what was published before stays as it is.
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
        self.wake();
        Ok(true)
    }
}
