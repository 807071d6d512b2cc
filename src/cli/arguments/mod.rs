//! Flags that several commands share.

pub(super) mod confirm;
pub(super) mod global;
pub(super) mod module_name;
pub(super) mod number;
pub(super) mod registry_name;
pub(super) mod server;
pub(super) mod settings;
pub(super) mod sources;
pub(super) mod time;
