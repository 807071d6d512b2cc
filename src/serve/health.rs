//! For whoever runs the server: alive, ready, and how much there is.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::task::block_in_place;

use super::respond::{self, Body};
use super::state::State;
use crate::store::{DiskAccess, Store, StoreError};

/// The process answers; a full disk is no reason to be killed.
pub(super) fn live() -> http::Response<Body> {
    respond::text(StatusCode::OK, "ok\n")
}

/// How long an answer about the store stands for later questions: asking costs a write, and anybody may ask.
const STANDS: Duration = Duration::from_secs(1);

/// What the store said when it was last asked whether it can be read and written.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Ready)>>);

/// Whether requests can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ready {
    /// Everything works.
    Yes,
    /// Only what writes does not: there is no room.
    ReadsOnly,
    /// The store cannot be used.
    No(&'static str),
}

impl Readiness {
    /// Asks the store, unless the last answer still stands. Blocks; callers that come meanwhile wait for the same answer.
    pub(super) fn ask(&self, store: &Store) -> Ready {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, ready)) if at.elapsed() < STANDS => ready,
            _ => {
                let ready = Ready::of(store.check());
                *last = Some((Instant::now(), ready));
                ready
            }
        }
    }
}

impl Ready {
    fn of(checked: Result<(), StoreError>) -> Self {
        let Err(error) = checked else { return Self::Yes };
        tracing::warn!(%error, "the store is not ready");
        match error {
            StoreError::Full { .. } => Self::ReadsOnly,
            StoreError::Displaced { .. } => Self::No("its data directory was moved, replaced or deleted"),
            error => match error.disk_failure() {
                Some(DiskAccess::Written) => Self::No("the registry's disk cannot be written"),
                Some(DiskAccess::Read) => Self::No("the registry's disk cannot be read"),
                None => Self::No("the store cannot be read and written"),
            },
        }
    }
}

/// The store can be read and written. One that is full can be read: that is no reason to send readers elsewhere.
pub(super) async fn ready(state: &State) -> http::Response<Body> {
    match block_in_place(|| state.readiness.ask(state.store())) {
        Ready::Yes => respond::text(StatusCode::OK, "ready\n"),
        Ready::ReadsOnly => respond::text(StatusCode::OK, "ready, but full: pushes are refused\n"),
        Ready::No(why) => respond::text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

/// Counts in the text format that Prometheus reads.
pub(super) async fn metrics(state: &State) -> http::Response<Body> {
    let stats = match block_in_place(|| state.store().stats()) {
        Ok(stats) => stats,
        Err(error) => return respond::refuse_text(&error.into(), &state.own_url),
    };
    let gauges = [
        ("modules", "Modules.", stats.modules),
        ("commits", "Commits of all modules.", stats.commits),
        ("sdks", "Published SDK crates.", stats.sdks),
        ("sdk_jobs_queued", "SDKs that wait to be made.", stats.queued),
        ("sdk_jobs_running", "SDKs that are being made.", stats.running),
        ("sdk_jobs_failed", "SDKs that failed.", stats.failed),
        ("store_bytes", "Bytes in use in the database file.", stats.bytes),
    ];
    let mut text = String::new();
    for (name, help, value) in gauges {
        text += &format!("# HELP registry_{name} {help}\n# TYPE registry_{name} gauge\nregistry_{name} {value}\n");
    }
    respond::with(StatusCode::OK, "text/plain; version=0.0.4", text)
}
