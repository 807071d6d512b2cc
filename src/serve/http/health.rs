//! Endpoints for operators: liveness, readiness, metrics.

use http::StatusCode;
use tokio::task::block_in_place;

use super::readiness::Ready;
use super::response::{self, Body};
use crate::serve::state::State;

/// Liveness: the process responds. A full disk is no reason to restart it.
pub(in crate::serve) fn live() -> http::Response<Body> {
    response::text(StatusCode::OK, "ok\n")
}

/// Readiness: the store can be read and written. With a full disk, the server is ready too, because it can be read.
pub(in crate::serve) async fn ready(state: &State) -> http::Response<Body> {
    match block_in_place(|| state.readiness.ask(state.store())) {
        Ready::Yes => response::text(StatusCode::OK, "ready\n"),
        Ready::ReadsOnly => response::text(StatusCode::OK, "ready, but full: pushes are refused\n"),
        Ready::No(why) => response::text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

/// Metrics in the text format of Prometheus.
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
