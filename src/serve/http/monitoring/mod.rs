//! Endpoints for those who watch the server: liveness, readiness, metrics.

pub(in crate::serve) mod health;
mod listener;
mod metrics;
mod process;
pub(in crate::serve) mod readiness;

pub(in crate::serve) use listener::serve;
pub(in crate::serve) use metrics::for_administrators as metrics;
