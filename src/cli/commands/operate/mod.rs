//! Commands for who operates a server.

pub(in crate::cli) mod audit;
pub(in crate::cli) mod healthcheck;
pub(in crate::cli) mod status;
pub(in crate::cli) mod upkeep;
