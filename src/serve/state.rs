//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::config::Settings;
use crate::publish::{Publisher, Upstream};
use crate::store::Store;

use super::auth::Auth;
use super::cargo::{CrateCache, IndexCache};
use super::health::Readiness;
use super::rpc::{self, RpcService};
use super::web::{CrateFiles, Devices, Pages, Readmes};

/// What all requests share.
pub(super) struct State {
    /// The pipeline, and the store behind it.
    pub publisher: Arc<Publisher>,
    /// Who is who.
    pub auth: Auth,
    /// Whether the store works, as far as is known.
    pub readiness: Readiness,
    /// Index pages, ready to send.
    pub index: IndexCache,
    /// Crates that were downloaded lately.
    pub crates: CrateCache,
    /// What is in the crates whose pages were looked at lately.
    pub crate_files: CrateFiles,
    /// READMEs that were looked at lately.
    pub readmes: Readmes,
    /// Makes pages, each in its time.
    pub pages: Pages,
    /// The Connect, gRPC and gRPC-Web face.
    pub rpc: RpcService,
    /// One permit for each remote generation that may run at the same time.
    pub generating: Semaphore,
    /// Logins of programs that wait for a person.
    pub devices: Devices,
    /// Where missing dependencies of a push are fetched from, if anywhere.
    pub upstream: Option<Arc<dyn Upstream>>,
    /// The configured address, if any.
    pub public_url: Option<String>,
    /// The address to fall back to when a request names no usable host.
    pub own_url: String,
    /// Whether public modules may be read without a token.
    pub anonymous_reads: bool,
    /// How long the answer to a push waits for its SDKs.
    pub push_wait: Duration,
}

impl State {
    pub(super) fn new(
        publisher: Arc<Publisher>,
        settings: &Settings,
        own_url: String,
        upstream: Option<Arc<dyn Upstream>>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|state| Self {
            auth: Auth::new(publisher.store().clone(), publisher.clock().clone()),
            readiness: Readiness::default(),
            index: IndexCache::default(),
            crates: CrateCache::default(),
            crate_files: CrateFiles::default(),
            readmes: Readmes::default(),
            pages: Pages::new(settings.page_timeout),
            rpc: rpc::service(state, &settings.limits),
            generating: Semaphore::new(settings.workers),
            devices: Devices::default(),
            upstream,
            public_url: settings.public_url.clone(),
            own_url,
            anonymous_reads: settings.anonymous_reads,
            push_wait: settings.push_wait,
            publisher,
        })
    }

    /// The store.
    pub(super) fn store(&self) -> &Store {
        self.publisher.store()
    }
}
