//! HTTP for all faces: connections and their limits, the origin of a request, the router, responses and refusals.

pub(super) mod backup_download;
pub(super) mod drain_body;
pub(super) mod error;
pub(super) mod event_stream;
pub(super) mod faults;
pub(super) mod listen;
pub(super) mod monitoring;
pub(super) mod origin;
pub(super) mod push_turns;
pub(super) mod request_id;
pub(super) mod request_memory;
pub(super) mod response;
pub(super) mod router;
pub(super) mod tls;
