//! Commands for crates, and for the plugins that make them.

pub(in crate::cli) mod export;
pub(in crate::cli) mod interest;
pub(in crate::cli) mod plugin;
pub(in crate::cli) mod sdk;
