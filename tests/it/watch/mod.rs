//! Watching a registry: metrics, the log, request ids.

mod metrics;
mod requests;
