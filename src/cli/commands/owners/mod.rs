//! Commands for users, organizations and their tokens.

pub(in crate::cli) mod organization;
pub(in crate::cli) mod token;
pub(in crate::cli) mod user;
