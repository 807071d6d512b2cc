//! HTTP, whatever is asked for: connections and their limits, where a request was sent to, which face answers it, and
//! what an answer or a refusal looks like.

pub(super) mod drain_body;
pub(super) mod error;
pub(super) mod event_stream;
pub(super) mod health;
pub(super) mod listen;
pub(super) mod origin;
pub(super) mod push_turns;
pub(super) mod readiness;
pub(super) mod request_memory;
pub(super) mod response;
pub(super) mod router;
pub(super) mod tls;
