//! Commands for modules: what is pushed, compared, found and mirrored.

pub(in crate::cli) mod compare;
pub(in crate::cli) mod label;
pub(in crate::cli) mod mirror;
pub(in crate::cli) mod module;
pub(in crate::cli) mod open;
pub(in crate::cli) mod push;
pub(in crate::cli) mod search;
pub(in crate::cli) mod webhook;
