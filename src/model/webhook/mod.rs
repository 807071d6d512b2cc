//! Webhooks: which events they tell of, where to, and what signs them.

pub(super) mod event;
pub(super) mod news;
pub(super) mod receiver;
pub(super) mod secret;
pub(super) mod url;
