//! The metrics of the process, under the names that Prometheus' client libraries share
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>). What the system does not report is
//! left out.

use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use crate::model::Timestamp;
use crate::publish::resource_usage;
use crate::serve::http::listen::most_descriptors;

/// Adds the metrics of this process, which started at `started`.
pub(super) fn register(registry: &mut Registry, started: Timestamp) {
    let start = ConstGauge::new(started.as_micros() as f64 / 1e6);
    registry.register_with_unit("process_start_time", "Start of the process since the epoch", Unit::Seconds, start);
    let cpu = ConstCounter::new(resource_usage::cpu_ms() as f64 / 1e3);
    registry.register_with_unit("process_cpu", "User and system time of the process", Unit::Seconds, cpu);
    if let Some(bytes) = resource_usage::resident() {
        registry.register_with_unit("process_resident_memory", "Resident memory", Unit::Bytes, ConstGauge::new(bytes));
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        registry.register("process_open_fds", "Open file descriptors", ConstGauge::new(open.count() as u64));
    }
    if let Some(most) = most_descriptors() {
        registry.register("process_max_fds", "Most open file descriptors", ConstGauge::new(most));
    }
}
