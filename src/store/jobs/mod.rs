//! The queue of jobs, each of which makes an SDK. It is stored in the database, so a restart loses no job.

pub(super) mod dependencies;
pub(super) mod job;
#[cfg(test)]
mod lease_model;
pub(super) mod node_details;
pub(super) mod nodes;
pub(super) mod queue;
pub(super) mod retries;
pub(super) mod schedule;
