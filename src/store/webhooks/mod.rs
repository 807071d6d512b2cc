//! Webhooks, and the outbox of what they send: an event is stored in the transaction of the change that it tells of.

pub(super) mod delivery;
pub(super) mod outbox;
pub(super) mod webhook;
