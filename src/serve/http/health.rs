//! For whoever runs the server: alive, ready, and how much there is.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::task::block_in_place;

use super::response::{self, Body};
use crate::serve::state::State;
use crate::store::{DiskAccess, Store, StoreError};

/// The process answers; a full disk is no reason to be killed.
pub(in crate::serve) fn live() -> http::Response<Body> {
    response::text(StatusCode::OK, "ok\n")
}

/// How long an answer about the store stands for later questions: asking costs a write, and anybody may ask.
const STANDS: Duration = Duration::from_secs(1);

/// What the store said when it was last asked whether it can be read and written.
#[derive(Default)]
pub(in crate::serve) struct Readiness(Mutex<Option<(Instant, Ready)>>);

/// Whether requests can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Ready {
    /// Everything works.
    Yes,
    /// Only what writes does not: there is no room.
    ReadsOnly,
    /// The store cannot be used.
    No(&'static str),
}

impl Readiness {
    /// Asks the store, unless the last answer still stands. Blocks; callers that come meanwhile wait for the same answer.
    pub(in crate::serve) fn ask(&self, store: &Store) -> Ready {
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
pub(in crate::serve) async fn ready(state: &State) -> http::Response<Body> {
    match block_in_place(|| state.readiness.ask(state.store())) {
        Ready::Yes => response::text(StatusCode::OK, "ready\n"),
        Ready::ReadsOnly => response::text(StatusCode::OK, "ready, but full: pushes are refused\n"),
        Ready::No(why) => response::text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

/// Counts in the text format that Prometheus reads.
pub(in crate::serve) async fn metrics(state: &State) -> http::Response<Body> {
    let stats = match block_in_place(|| state.store().stats()) {
        Ok(stats) => stats,
        Err(error) => return response::refuse_text(&error.into(), state.addresses.own()),
    };
    let connections = state.connections.counts();
    let gauges = [
        ("modules", "Modules.", stats.modules),
        ("commits", "Commits of all modules.", stats.commits),
        ("sdks", "Published SDK crates.", stats.sdks),
        ("sdk_jobs_queued", "SDKs that wait to be made.", stats.queued),
        ("sdk_jobs_running", "SDKs that are being made.", stats.running),
        ("sdk_jobs_failed", "SDKs that failed.", stats.failed),
        ("connections", "Connections that are open.", connections.open as u64),
        ("store_bytes", "Bytes in use in the database file.", stats.bytes),
    ];
    let counters = [
        ("connections_closed_total", "Connections that were closed to make room for others.", connections.closed),
        ("connections_refused_total", "Connections and requests that found no room.", connections.refused),
    ];
    let mut text = String::new();
    let gauges = gauges.iter().map(|it| (it, "gauge"));
    for ((name, help, value), kind) in gauges.chain(counters.iter().map(|it| (it, "counter"))) {
        text += &format!("# HELP registry_{name} {help}\n# TYPE registry_{name} {kind}\nregistry_{name} {value}\n");
    }
    let damaged = state.store().damaged_reads();
    text += "# HELP registry_damaged_reads_total Reads of the store that found something damaged.\n";
    text += &format!("# TYPE registry_damaged_reads_total counter\nregistry_damaged_reads_total {damaged}\n");
    response::with(StatusCode::OK, "text/plain; version=0.0.4", text)
}
