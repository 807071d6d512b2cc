//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::actions::{Actor, Caller, Observer};
use crate::config::Settings;
use crate::publish::{Publisher, Upstream};
use crate::store::{AuditEvent, Store};

use super::auth::Auth;
use super::cargo::{CrateCache, IndexCache, NameCache};
use super::http::listen::Connections;
use super::http::origin::Addresses;
use super::http::push_turns::PushTurns;
use super::http::readiness::Readiness;
use super::http::request_memory::Memory;
use super::web::{Archives, Attempts, CrateFiles, Devices, Pages, Readmes};

/// What all requests share.
pub(super) struct State {
    /// The pipeline, and the store behind it.
    pub publisher: Arc<Publisher>,
    /// Who is who.
    pub auth: Auth,
    /// Whether the store works, as far as is known.
    pub readiness: Readiness,
    /// What the names of crates mean.
    pub names: NameCache,
    /// Index pages, ready to send.
    pub index: IndexCache,
    /// Crates that were downloaded lately.
    pub crates: CrateCache,
    /// What is in the crates whose pages were looked at lately.
    pub crate_files: CrateFiles,
    /// Archives that are being downloaded, or were lately.
    pub archives: Archives,
    /// The connections that are open.
    pub connections: Arc<Connections>,
    /// Memory for large requests and answers.
    pub memory: Arc<Memory>,
    /// The turns of pushes.
    pub pushing: PushTurns,
    /// READMEs that were looked at lately.
    pub readmes: Readmes,
    /// Makes pages, each in its time.
    pub pages: Pages,
    /// One permit for each remote generation that may run at the same time.
    pub generating: Arc<Semaphore>,
    /// Logins of programs that wait for a person.
    pub devices: Devices,
    /// Sign-ins that were tried lately.
    pub attempts: Attempts,
    /// How many one address or user has in a while.
    pub sign_in_attempts: u64,
    /// Where missing dependencies of a push are fetched from, if anywhere.
    pub upstream: Option<Arc<dyn Upstream>>,
    /// Which addresses are ours.
    pub addresses: Addresses,
    /// Whether public modules may be read without a token.
    pub anonymous_reads: bool,
    /// How long the answer to a push waits for its SDKs.
    pub push_wait: Duration,
}

impl State {
    pub(super) fn new(
        publisher: Arc<Publisher>,
        settings: &Settings,
        addresses: Addresses,
        upstream: Option<Arc<dyn Upstream>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            auth: Auth::new(publisher.store().clone(), publisher.clock().clone()),
            readiness: Readiness::default(),
            names: NameCache::default(),
            index: IndexCache::default(),
            crates: CrateCache::default(),
            crate_files: CrateFiles::default(),
            archives: Archives::default(),
            readmes: Readmes::default(),
            pages: Pages::new(settings.page_timeout),
            connections: Connections::new(&settings.connections),
            pushing: PushTurns::new(settings.workers, settings.connections.waiting_pushes),
            memory: Arc::new(Memory::new(settings.connections.request_memory)),
            generating: Arc::new(Semaphore::new(settings.workers)),
            devices: Devices::default(),
            attempts: Attempts::default(),
            sign_in_attempts: settings.sign_in_attempts,
            upstream,
            addresses,
            anonymous_reads: settings.anonymous_reads,
            push_wait: settings.push_wait,
            publisher,
        })
    }

    /// Notes in the audit log what reads have found damaged since this was last called.
    pub(super) fn tell_damage(&self) {
        for subject in self.store().new_damage() {
            let (at, action) = (self.publisher.clock().now(), "store.damaged".into());
            let event = AuditEvent { at, actor: None, action, subject };
            if let Err(error) = tokio::task::block_in_place(|| self.store().audit(&event)) {
                tracing::error!(%error, "an audit event could not be stored");
            }
        }
    }

    /// `caller`, about to change something.
    pub(super) fn actor<'a>(&'a self, caller: &'a Caller) -> Actor<'a> {
        Actor { caller, store: self.store(), at: self.publisher.clock().now(), observer: self }
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
