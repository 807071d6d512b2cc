//! What a server does beside answering requests: writing down, copying, fetching and telling.

pub(super) mod audit_log;
pub(super) mod backups;
pub(super) mod freshness_reader;
pub(super) mod mirrors;
pub(super) mod usage;
pub(super) mod webhooks;
