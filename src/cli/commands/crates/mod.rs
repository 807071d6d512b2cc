//! Commands for crates, and for the plugins that make them.

pub(in crate::cli) mod export;
pub(in crate::cli) mod generate;
pub(in crate::cli) mod interest;
mod path_crate;
pub(in crate::cli) mod plugin;
pub(in crate::cli) mod sdk;
