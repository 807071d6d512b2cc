//! The queue of SDKs to be made. It lives in the database, so a restart forgets nothing.

pub(super) mod dependencies;
pub(super) mod job;
pub(super) mod queue;
pub(super) mod retries;
pub(super) mod schedule;
