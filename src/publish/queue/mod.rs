//! The queue of SDKs: pushes and requests add jobs, and workers take them.

mod backfill;
mod heartbeat;
pub(super) mod on_demand;
pub(super) mod own_process_queue;
pub(super) mod plan;
pub(super) mod running;
pub(super) mod signal;
pub(super) mod store_outage;
mod worker;
