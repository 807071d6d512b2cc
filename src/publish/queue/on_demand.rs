//! SDKs on demand: requested by the first index request for a crate, by the command line or by a page.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::plan::{Plan, sdk_key};
use crate::generate::UnknownPlugin;
use crate::model::{CrateName, LabelName, Plugin, PluginRef, SdkState, Timestamp};
use crate::publish::Publisher;
use crate::publish::references::{ResolveError, resolve_commit};
use crate::store::{AuditEvent, Author, Interest, Job, Module, SdkKey, StoreError, Transaction};

/// A request for the SDK of one module by one plugin.
#[derive(Debug, Clone)]
pub struct SdkRequest {
    /// The plugin; its newest version if none is named.
    pub plugin: PluginRef,
    /// A label or a commit; empty for the default label.
    pub reference: String,
    /// Why it is requested.
    pub purpose: SdkPurpose,
    /// The user that requests it.
    pub by: Option<Author>,
}

impl SdkRequest {
    /// The audit record of an action of this request.
    fn event(&self, at: Timestamp, action: &str, subject: String) -> AuditEvent {
        let source = self.by.map(|by| by.source).unwrap_or_default();
        AuditEvent { at, actor: self.by.map(|by| by.user), source, action: action.into(), subject }
    }
}

/// The purpose of a request for an SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SdkPurpose {
    /// To use the SDK now.
    Once,
    /// To use the SDK, and to generate it on later pushes to this label too: an interest.
    Keep(LabelName),
    /// To try again, because the SDK failed.
    Retry,
}

/// Why an SDK cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SdkRequestError {
    /// The catalogue has no such plugin or version.
    #[error(transparent)]
    Plugin(#[from] UnknownPlugin),
    /// The plugin makes no crates.
    #[error("plugin {0} makes files for remote generation only, no crates")]
    NoSdk(PluginRef),
    /// The reference names no commit.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Publisher {
    /// Queues an SDK unless it exists, and registers an interest if that is its purpose. The audit log records the
    /// interest, and a retry.
    ///
    /// # Errors
    /// When plugin or reference are unknown, or the plugin makes no crates.
    pub fn request_sdk(&self, module: &Module, request: &SdkRequest) -> Result<SdkKey, SdkRequestError> {
        let plugin = self.sdk_plugin(&request.plugin)?;
        let commit = resolve_commit(&self.store, module, &request.reference)?;
        let mut plan = Plan::new(&self.store, &self.catalogue, &[], module.id);
        plan.add(commit.id, plugin)?;
        let (jobs, _) = plan.finish();
        let at = self.clock.now();
        self.store.transaction_in(&[], "queue an SDK", |tx| {
            match &request.purpose {
                SdkPurpose::Once => {}
                SdkPurpose::Keep(label) => self.keep(tx, module, request, label)?,
                SdkPurpose::Retry => {
                    let subject = format!("{}:{} {}", module.name, commit.id, request.plugin);
                    tx.audit(&request.event(at, "sdk.retry", subject))?;
                }
            }
            tx.enqueue(&jobs, at)
        })?;
        self.wake(&[]);
        Ok(sdk_key(commit.id, plugin))
    }

    /// Registers the interest of `request` in `label`.
    fn keep(
        &self,
        tx: &Transaction<'_>,
        module: &Module,
        request: &SdkRequest,
        label: &LabelName,
    ) -> Result<(), StoreError> {
        let (plugin, at) = (&request.plugin, self.clock.now());
        let interest = Interest {
            module: module.id,
            plugin: plugin.name.clone(),
            version: plugin.version,
            label: label.clone(),
            created: at,
            created_by: request.by.map(|by| by.user),
        };
        if tx.register_interest(&interest)? {
            let subject = format!("{} {label} {plugin}", module.name);
            tx.audit(&request.event(at, "interest.add", subject))?;
        }
        Ok(())
    }

    /// Registers the interest of a first index request and queues the SDK of the default label's head; for later
    /// requests there is nothing to do. Failed SDKs are not requested again, because cargo asks at every build.
    ///
    /// It is no error when the module has no commit yet: the interest is kept for the first push.
    ///
    /// # Errors
    /// When the plugin is unknown or makes no crates, or the store fails.
    pub fn request_crate(&self, module: &Module, name: &CrateName) -> Result<(), SdkRequestError> {
        let plugin = PluginRef { name: name.plugin().clone(), version: None };
        let (known, owed) =
            (self.store.has_interest(module.id, &plugin.name)?, self.head_was_never_queued(module, name)?);
        let label = &module.default_label;
        let request =
            SdkRequest { plugin, reference: String::new(), purpose: SdkPurpose::Keep(label.clone()), by: None };
        if owed {
            return self.request_sdk(module, &request).map(drop);
        }
        if !known {
            self.store.transaction_in(&[], "register an interest", |tx| self.keep(tx, module, &request, label))?;
        }
        Ok(())
    }

    /// Whether the head of the default label was never queued for the plugin. An interest does not prove that it was
    /// queued: it may be for another label, or from a request that has not queued it yet. A background job counts as
    /// not queued while the crate has no version to offer.
    fn head_was_never_queued(&self, module: &Module, name: &CrateName) -> Result<bool, SdkRequestError> {
        let plugin = self.sdk_plugin(&PluginRef { name: name.plugin().clone(), version: None })?;
        let key = match resolve_commit(&self.store, module, "") {
            Ok(head) => sdk_key(head.id, plugin),
            Err(ResolveError::NoCommits { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        Ok(match self.store.job(&key)? {
            None => self.store.sdk(&key)?.is_none(),
            Some(job) if job.background && job.state == SdkState::Queued => {
                self.store.sdks_of_crate(module.id, name)?.is_empty()
            }
            Some(_) => false,
        })
    }

    fn sdk_plugin(&self, reference: &PluginRef) -> Result<&Plugin, SdkRequestError> {
        let plugin = self.catalogue.find(reference)?;
        if plugin.sdk { Ok(plugin) } else { Err(SdkRequestError::NoSdk(plugin.reference())) }
    }

    /// The state of an SDK; `None` if it was never requested.
    pub fn sdk_state(&self, key: &SdkKey) -> Result<Option<SdkState>, StoreError> {
        match self.store.job(key)? {
            Some(job) => Ok(Some(job.state)),
            None => Ok(self.store.sdk(key)?.map(|_| SdkState::Served)),
        }
    }

    /// Waits until none of `keys` is pending any more, at most for `patience`; true if so.
    pub async fn wait_for_sdks(&self, keys: &[SdkKey], patience: Duration) -> Result<bool, StoreError> {
        let settled = |key: &SdkKey| Ok(self.sdk_state(key)?.is_some_and(|state| !state.is_pending()));
        self.wait_until(patience, || all(keys, settled)).await
    }

    /// Waits, for at most `patience`, until the SDKs of the crate that are requested by now are done; returns whether
    /// they are. Does not wait for later requests, and not at all while the store cannot be written.
    pub async fn wait_for_crate(&self, name: &CrateName, patience: Duration) -> Result<bool, StoreError> {
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
            // A few indexed look-ups: moving them to another thread would cost more.
            if tokio::task::block_in_place(&done)? {
                return Ok(true);
            }
            if timeout_at(deadline, self.progress.after(seen)).await.is_err() {
                return Ok(false);
            }
        }
    }
}

/// Whether `is_wanted` holds for all of `items`; stops at the first item for which it does not.
fn all<T>(items: &[T], is_wanted: impl Fn(&T) -> Result<bool, StoreError>) -> Result<bool, StoreError> {
    for item in items {
        if !is_wanted(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
