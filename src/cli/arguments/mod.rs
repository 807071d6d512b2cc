//! Flags that several commands share.

pub(super) mod server;
pub(super) mod settings;
pub(super) mod time;
