//! What all requests share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::actions::{Actor, Caller, Observer};
use crate::config::Settings;
use crate::model::{Timestamp, WebhookPolicy};
use crate::publish::{Publisher, Upstream};
use crate::store::{AuditEvent, ChangeSource, ForeignChanges, Store};

use super::auth::Auth;
use super::cargo::{CrateCache, IndexCache, NameCache, ViewChecksums};
use super::freshness::Freshness;
use super::http::listen::Connections;
use super::http::monitoring::readiness::Readiness;
use super::http::origin::Addresses;
use super::http::push_turns::PushTurns;
use super::http::request_memory::Memory;
use super::tasks::backups::Backups;
use super::tasks::mirrors::states::Mirrors;
use super::tasks::usage::Usage;
use super::web::{Archives, Attempts, CrateFiles, Pages, Readmes};

/// What all requests share.
pub(super) struct State {
    /// The pipeline, with the store.
    pub publisher: Arc<Publisher>,
    /// The start of the server.
    pub started: Timestamp,
    /// Authentication.
    pub auth: Auth,
    /// What other nodes have changed, if there may be others.
    pub freshness: Option<Arc<Freshness>>,
    /// The last check whether the store works.
    pub readiness: Readiness,
    /// The cache of crate names in any spelling.
    pub names: NameCache,
    /// The cache of index pages, ready to send.
    pub index: IndexCache,
    /// The cache of recently downloaded crates.
    pub crates: CrateCache,
    /// The checksums of crates in views of the index.
    pub view_checksums: ViewChecksums,
    /// The cache of the contents of crates, for pages.
    pub crate_files: CrateFiles,
    /// The cache of archives that are being downloaded, or were recently.
    pub archives: Archives,
    /// The downloads that are not written yet, if they are counted.
    pub usage: Option<Arc<Usage>>,
    /// What came of the backups, if the server makes them.
    pub backups: Option<Arc<Backups>>,
    /// The permit for the one backup that may be downloaded at a time.
    pub copying: Arc<Semaphore>,
    /// The open connections.
    pub connections: Arc<Connections>,
    /// Memory for large requests and responses.
    pub memory: Arc<Memory>,
    /// The turns of pushes.
    pub push_turns: PushTurns,
    /// The cache of rendered READMEs.
    pub readmes: Readmes,
    /// Renders pages within their time limit.
    pub pages: Pages,
    /// One permit for each remote generation that may run at the same time.
    pub generating: Arc<Semaphore>,
    /// Recent sign-in attempts.
    pub attempts: Attempts,
    /// The limit on recent sign-in attempts of one address or user.
    pub sign_in_attempts: u64,
    /// The registry from which missing dependencies of a push are fetched, if there is one.
    pub upstream: Option<Arc<dyn Upstream>>,
    /// The receivers that webhooks may be made for.
    pub webhook_policy: WebhookPolicy,
    /// What came of the modules that are taken in on a schedule.
    pub mirrors: Arc<Mirrors>,
    /// The server's addresses.
    pub addresses: Arc<Addresses>,
    /// Whether public modules may be read without a token.
    pub anonymous_reads: bool,
    /// How long the reply to a push waits for its SDKs.
    pub push_wait: Duration,
}

impl State {
    pub(super) fn new(
        publisher: Arc<Publisher>,
        settings: &Settings,
        addresses: Arc<Addresses>,
        upstream: Option<Arc<dyn Upstream>>,
        mirrors: Arc<Mirrors>,
    ) -> Arc<Self> {
        Arc::new(Self {
            started: publisher.clock().now(),
            auth: Auth::new(publisher.store().clone(), publisher.clock().clone(), Arc::clone(publisher.metrics())),
            freshness: publisher.store().is_shared().then(Arc::default),
            readiness: Readiness::default(),
            names: NameCache::default(),
            index: IndexCache::default(),
            crates: CrateCache::default(),
            view_checksums: ViewChecksums::default(),
            crate_files: CrateFiles::default(),
            archives: Archives::default(),
            readmes: Readmes::default(),
            pages: Pages::new(settings.page_timeout),
            usage: settings.usage.then(Arc::default),
            backups: settings.backup.is_some().then(Arc::default),
            copying: Arc::new(Semaphore::new(1)),
            connections: Connections::new(&settings.connections),
            push_turns: PushTurns::new(settings.workers, settings.connections.waiting_pushes),
            memory: Arc::new(Memory::new(settings.connections.request_memory)),
            generating: Arc::new(Semaphore::new(settings.workers)),
            attempts: Attempts::default(),
            sign_in_attempts: settings.sign_in_attempts,
            upstream,
            webhook_policy: WebhookPolicy::allowing(settings.webhook_allow.clone()),
            mirrors,
            addresses,
            anonymous_reads: settings.anonymous_reads,
            push_wait: settings.push_wait,
            publisher,
        })
    }

    /// Records in the audit log the damaged records that reads have found since the last call.
    pub(super) fn tell_damage(&self) {
        for subject in self.store().new_damage() {
            let (at, action) = (self.publisher.clock().now(), "store.damaged".into());
            let event = AuditEvent { at, actor: None, source: ChangeSource::default(), action, subject };
            if let Err(error) = tokio::task::block_in_place(|| self.store().audit(&event)) {
                tracing::error!(%error, "an audit event could not be stored");
            }
        }
    }

    /// Forgets what is cached of what other nodes have changed, and wakes those who wait for it.
    pub(super) fn changed_elsewhere(&self, changes: ForeignChanges) {
        match changes {
            ForeignChanges::Everything => {
                self.auth.forget();
                self.publisher.wake_all();
            }
            ForeignChanges::Modules(modules) => self.publisher.wake(&modules),
        }
    }

    /// `caller` as the actor of a change that was sent from `client`.
    pub(super) fn actor<'a>(&'a self, caller: &'a Caller, client: Option<IpAddr>) -> Actor<'a> {
        Actor { caller, client, store: self.store(), at: self.publisher.clock().now(), observer: self }
    }

    /// The store.
    pub(super) fn store(&self) -> &Store {
        self.publisher.store()
    }
}

impl Observer for State {
    fn credentials_changed(&self) {
        self.auth.forget();
    }

    fn content_changed(&self) {
        self.publisher.progress().changed();
    }
}
