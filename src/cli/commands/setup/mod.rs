//! Commands that set a user's machine up, and tell what is wrong with it.

pub(in crate::cli) mod completions;
pub(in crate::cli) mod config;
pub(in crate::cli) mod doctor;
pub(in crate::cli) mod env;
pub(in crate::cli) mod init;
pub(in crate::cli) mod login;
pub(in crate::cli) mod man;
pub(in crate::cli) mod next_steps;
