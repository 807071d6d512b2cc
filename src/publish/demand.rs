//! SDKs on demand: what a first index request, the command line or a page asks for.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::generate::UnknownPlugin;
use crate::model::{CommitId, CrateName, LabelName, OwnerId, Plugin, PluginRef};
use crate::store::{Interest, Job, JobState, Module, SdkKey, StoreError};

use super::plan::{Plan, sdk_key};
use super::{Publisher, ResolveError, resolve_commit};

/// Asks for the SDK of one module by one plugin.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Which plugin; the newest version if it names none.
    pub plugin: PluginRef,
    /// A label or a commit; empty for the default label.
    pub reference: String,
    /// Whether later pushes to the label are to be generated too.
    pub keep: Option<LabelName>,
    /// Who asks.
    pub by: Option<OwnerId>,
}

/// Why an SDK cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemandError {
    /// The catalogue has no such plugin or version.
    #[error(transparent)]
    Plugin(#[from] UnknownPlugin),
    /// The plugin makes no crates.
    #[error("plugin {0} makes files for remote generation only, no crates")]
    NoSdk(PluginRef),
    /// The reference leads nowhere.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of an SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is in the index.
    Served,
    /// It failed, with the plugin's message.
    Failed(String),
    /// It is not done yet.
    Pending,
}

impl Publisher {
    /// Registers the interest that `demand` wants kept, and queues its SDK unless it exists.
    ///
    /// # Errors
    /// When plugin or reference are unknown, or the plugin makes no crates.
    pub fn demand(&self, module: &Module, demand: &Demand) -> Result<SdkKey, DemandError> {
        let plugin = self.sdk_plugin(&demand.plugin)?;
        self.keep(module, demand)?;
        let commit = resolve_commit(&self.store, module, &demand.reference)?;
        Ok(self.queue(module, commit.id, plugin)?)
    }

    /// Registers the interest that `demand` wants kept.
    fn keep(&self, module: &Module, demand: &Demand) -> Result<(), StoreError> {
        let Some(label) = &demand.keep else { return Ok(()) };
        let interest = Interest {
            module: module.id,
            plugin: demand.plugin.name.clone(),
            version: demand.plugin.version,
            label: label.clone(),
            created: self.clock.now(),
            created_by: demand.by,
        };
        self.store.register_interest(&interest).map(drop)
    }

    /// Registers the interest of a first index request and queues the head of the default label; later requests find
    /// both done. What has failed is not asked for again: cargo asks at every build.
    ///
    /// Returns quietly when there is nothing to generate yet: the interest is kept for the first push.
    ///
    /// # Errors
    /// When the plugin is unknown or makes no crates, or the store fails.
    pub fn demand_crate(&self, module: &Module, name: &CrateName) -> Result<(), DemandError> {
        let plugin = PluginRef { name: name.plugin().clone(), version: None };
        let (known, owed) = (self.store.has_interest(module.id, &plugin.name)?, self.owes_head(module, name)?);
        let demand = Demand { plugin, reference: String::new(), keep: Some(module.default_label.clone()), by: None };
        if owed {
            return self.demand(module, &demand).map(drop);
        }
        if !known {
            self.keep(module, &demand)?;
        }
        Ok(())
    }

    /// Whether the head of the default label was never queued for the plugin. An interest is no proof that it was: it
    /// may be for another label, or registered by a request that has not come to queueing yet. What was queued without
    /// anybody waiting for it is owed when there is nothing else to offer.
    fn owes_head(&self, module: &Module, name: &CrateName) -> Result<bool, DemandError> {
        let plugin = self.sdk_plugin(&PluginRef { name: name.plugin().clone(), version: None })?;
        let key = match resolve_commit(&self.store, module, "") {
            Ok(head) => sdk_key(head.id, plugin),
            Err(ResolveError::NoCommits { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        Ok(match self.store.job(&key)? {
            None => self.store.sdk(&key)?.is_none(),
            Some(job) if job.background && job.state == JobState::Queued => self.store.sdks_of_crate(name)?.is_empty(),
            Some(_) => false,
        })
    }

    fn sdk_plugin(&self, reference: &PluginRef) -> Result<&Plugin, DemandError> {
        let plugin = self.catalogue.find(reference)?;
        if plugin.sdk { Ok(plugin) } else { Err(DemandError::NoSdk(plugin.reference())) }
    }

    fn queue(&self, module: &Module, commit: CommitId, plugin: &Plugin) -> Result<SdkKey, StoreError> {
        let mut plan = Plan::new(&self.store, &self.catalogue, &[], module.id);
        plan.add(commit, plugin)?;
        let (jobs, _) = plan.finish();
        self.store.enqueue(&jobs, self.clock.now())?;
        self.wake();
        Ok(sdk_key(commit, plugin))
    }

    /// What became of an SDK so far.
    ///
    /// # Errors
    /// When the store fails.
    pub fn verdict(&self, key: &SdkKey) -> Result<Verdict, StoreError> {
        let state = self.store.job(key)?.map(|job| job.state);
        Ok(match state {
            Some(JobState::Done) => Verdict::Served,
            Some(JobState::Failed { message }) => Verdict::Failed(message),
            Some(JobState::Queued | JobState::Running) => Verdict::Pending,
            None if self.store.sdk(key)?.is_some() => Verdict::Served,
            None => Verdict::Pending,
        })
    }

    /// Waits until none of `keys` is pending any more, at most for `patience`; true if so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(&self, keys: &[SdkKey], patience: Duration) -> Result<bool, StoreError> {
        let settled = |key: &SdkKey| Ok(self.verdict(key)? != Verdict::Pending);
        self.wait_until(patience, || all(keys, settled)).await
    }

    /// Waits until none of the SDKs of the crate is pending that somebody has asked for by now, at most for `patience`;
    /// true if so. What is queued later is not waited for, and nothing is while it could not be stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle_crate(&self, name: &CrateName, patience: Duration) -> Result<bool, StoreError> {
        let awaited = tokio::task::block_in_place(|| self.store.unfinished_jobs(name))?;
        let settled = |job: &Job| Ok(!self.store.is_unfinished(job)?);
        self.wait_until(patience, || Ok(self.outage().is_some() || all(&awaited, settled)?)).await?;
        tokio::task::block_in_place(|| all(&awaited, settled))
    }

    async fn wait_until(
        &self,
        patience: Duration,
        done: impl Fn() -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let deadline = Instant::now() + patience;
        loop {
            let seen = self.progress.count();
            // A few indexed look-ups; not worth a trip to another thread.
            if tokio::task::block_in_place(&done)? {
                return Ok(true);
            }
            if timeout_at(deadline, self.progress.after(seen)).await.is_err() {
                return Ok(false);
            }
        }
    }
}

/// Whether all of `items` are as wanted; looks no further than the first that is not.
fn all<T>(items: &[T], is_wanted: impl Fn(&T) -> Result<bool, StoreError>) -> Result<bool, StoreError> {
    for item in items {
        if !is_wanted(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
