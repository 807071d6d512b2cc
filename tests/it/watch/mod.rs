//! Watching a registry: metrics, the log, request ids, the audit log, its state.

mod audit;
mod dashboard;
mod metrics;
mod requests;
mod status;
mod traces;
mod usage;
