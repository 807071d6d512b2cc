//! Programs that the server starts: how they are found, confined and run.

pub(in crate::publish) mod program;
pub(super) mod run;
pub(super) mod sandbox;
