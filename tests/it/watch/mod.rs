//! Watching a registry: metrics, the log, request ids, the audit log, its state.

mod audit;
mod metrics;
mod requests;
mod status;
