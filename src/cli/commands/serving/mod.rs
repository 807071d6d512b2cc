//! Commands that run a server.

pub(in crate::cli) mod answer_task;
pub(in crate::cli) mod ephemeral;
pub(in crate::cli) mod exec;
pub(in crate::cli) mod serve;
