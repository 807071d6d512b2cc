//! `/metrics`: what was counted since the start, and the numbers that the store, the connections and the system report
//! at this moment.

use http::request::Parts;
use http::{Response, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};
use tokio::task::block_in_place;

use super::process;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;
use crate::serve::web;
use crate::store::{JobCount, Stats};
use crate::trace;

/// The content type of OpenMetrics, which Prometheus reads
/// (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    plugin: String,
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    cache: &'static str,
}

/// The metrics, for administrators of the registry: their labels name plugins, and their numbers tell how it is used.
pub(in crate::serve) fn for_administrators(state: &State, request: &Parts) -> Response<Body> {
    let allowed = web::caller(state, request).map_err(Refusal::from).and_then(|caller| {
        if caller.user().is_none() {
            let message = "metrics take a token of scope admin; `registry serve --metrics-listen` serves them on an \
                           address of their own without one";
            return Err(Refusal::unauthenticated(message));
        }
        Ok(caller.require_admin("read the metrics")?)
    });
    match allowed {
        Ok(()) => metrics(state),
        Err(refusal) => response::refuse_text(&refusal, state.addresses.own()),
    }
}

/// The metrics in the text format of OpenMetrics.
pub(in crate::serve) fn metrics(state: &State) -> Response<Body> {
    match block_in_place(|| text(state)) {
        Ok(text) => response::with(StatusCode::OK, OPEN_METRICS, text),
        Err(refusal) => response::refuse_text(&refusal, state.addresses.own()),
    }
}

fn text(state: &State) -> Answer<String> {
    let (stats, jobs) = (state.store().stats()?, state.store().job_counts()?);
    let mut all = Registry::default();
    process::register(&mut all, state.started);
    let ours = all.sub_registry_with_prefix("registry");
    state.publisher.metrics().register(ours);
    register_records(ours, &stats);
    register_jobs(ours, state, jobs, queue_age(state, &stats));
    register_connections(ours, state);
    register_caches(ours, state);
    register_backups(ours, state);
    register_object_store(ours, state);
    register_traces(ours);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &all).map_err(|error| Refusal::internal(&error))?;
    Ok(text)
}

fn queue_age(state: &State, stats: &Stats) -> f64 {
    let waiting = |since| state.publisher.clock().now().as_micros().saturating_sub(since) as f64 / 1e6;
    stats.oldest_queued.map_or(0.0, |oldest| waiting(oldest.as_micros()).max(0.0))
}

fn register_records(registry: &mut Registry, stats: &Stats) {
    let mut gauge = |name: &str, help: &str, value: u64| registry.register(name, help, ConstGauge::new(value));
    gauge("modules", "Modules", stats.modules);
    gauge("commits", "Commits of all modules", stats.commits);
    gauge("sdks", "Published SDK crates", stats.sdks);
    gauge("tokens", "Tokens that are not revoked", stats.tokens);
    gauge("nodes", "Servers that share the database, this one among them", stats.nodes);
    let mut bytes = |name: &str, help: &str, value: u64| {
        registry.register_with_unit(name, help, Unit::Bytes, ConstGauge::new(value));
    };
    bytes("store", "Size of the database file, without what is free in it", stats.bytes);
    bytes("store_wal", "Size of the database's write-ahead log", stats.log_bytes);
}

fn register_jobs(registry: &mut Registry, state: &State, jobs: Vec<JobCount>, queue_age: f64) {
    let family = Family::<JobLabels, Gauge>::default();
    // No jobs are a figure too: a graph without it would have holes.
    for plugin in state.publisher.catalogue().plugins().iter().filter(|plugin| plugin.sdk) {
        for state in ["queued", "running", "failed"] {
            drop(family.get_or_create(&JobLabels { plugin: plugin.name.to_string(), state: state.into() }));
        }
    }
    for JobCount { plugin, state, jobs } in jobs {
        family.get_or_create(&JobLabels { plugin: plugin.to_string(), state }).set(jobs.try_into().unwrap_or(i64::MAX));
    }
    registry.register("sdk_jobs", "SDKs that are queued, running or failed, by plugin", family);
    let help = "How long the oldest queued SDK has waited";
    registry.register_with_unit("sdk_queue_age", help, Unit::Seconds, ConstGauge::new(queue_age));
}

fn register_connections(registry: &mut Registry, state: &State) {
    let counts = state.connections.counts();
    registry.register("connections", "Connections that are open", ConstGauge::new(counts.open as u64));
    let mut counter = |name: &str, help: &str, value: u64| registry.register(name, help, ConstCounter::new(value));
    counter("connections_closed", "Connections that were closed to make room for others", counts.closed);
    counter("connections_refused", "Connections and requests that found no room", counts.refused);
    counter("damaged_reads", "Reads of the store that found something damaged", state.store().damaged_reads());
}

/// Registers the metrics of traces, if the server sends any.
fn register_traces(registry: &mut Registry) {
    let Some(counts) = trace::counts() else { return };
    let mut counter = |name: &str, help: &str, value: u64| registry.register(name, help, ConstCounter::new(value));
    counter("trace_spans_sent", "Spans that the receiver of traces took", counts.sent);
    counter("trace_spans_dropped", "Spans that found no room, or that the receiver did not take", counts.dropped);
}

/// Registers the metrics of backups, if the server makes any; their age after the first one.
fn register_backups(registry: &mut Registry, state: &State) {
    let Some(backups) = &state.backups else { return };
    let backups = backups.state();
    registry.register("backup_failures", "Backups that failed", ConstCounter::new(backups.failures));
    if let Some(age) = backups.age(state.publisher.clock().now()) {
        let age = ConstGauge::new(age as f64);
        registry.register_with_unit("backup_age", "Time since the newest backup was begun", Unit::Seconds, age);
    }
    if let Some(newest) = backups.newest {
        registry.register_with_unit("backup", "Size of the newest backup", Unit::Bytes, ConstGauge::new(newest.bytes));
    }
}

/// Registers whether the object store answers, if there is one.
fn register_object_store(registry: &mut Registry, state: &State) {
    let Some(health) = state.readiness.object_store(state.store()) else { return };
    let help = "1 if the object store with the crates answers, 0 if not";
    registry.register("object_store_up", help, ConstGauge::new(u64::from(health.is_ok())));
}

fn register_caches(registry: &mut Registry, state: &State) {
    let (hits, misses) = (Family::default(), Family::default());
    let caches = [
        ("index_pages", state.index.hits_and_misses()),
        ("crates", state.crates.hits_and_misses()),
        ("compiled_commits", state.publisher.compiled_hits_and_misses()),
    ];
    for (cache, (hit, missed)) in caches {
        let add = |family: &Family<CacheLabels, prometheus_client::metrics::counter::Counter>, count| {
            family.get_or_create(&CacheLabels { cache }).inc_by(count);
        };
        add(&hits, hit);
        add(&misses, missed);
    }
    registry.register("cache_hits", "Look-ups that a cache answered", hits);
    registry.register("cache_misses", "Look-ups that a cache did not answer", misses);
}
