//! For whoever runs the server: alive, ready, and how much there is.

use http::StatusCode;
use tokio::task::block_in_place;

use super::respond::{self, Body};
use super::state::State;

/// The process answers; a full disk is no reason to be killed.
pub(super) fn live() -> http::Response<Body> {
    respond::text(StatusCode::OK, "ok\n")
}

/// The store can be read and written.
pub(super) async fn ready(state: &State) -> http::Response<Body> {
    match block_in_place(|| state.store().check()) {
        Ok(()) => respond::text(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            respond::text(StatusCode::SERVICE_UNAVAILABLE, "not ready: the store cannot be read and written\n")
        }
    }
}

/// Counts in the text format that Prometheus reads.
pub(super) async fn metrics(state: &State) -> http::Response<Body> {
    let stats = match block_in_place(|| state.store().stats()) {
        Ok(stats) => stats,
        Err(error) => return respond::refuse_text(&error.into(), state.addresses.own()),
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
