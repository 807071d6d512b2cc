//! Finds, confines and runs the programs that the server starts.

pub(in crate::publish) mod program;
pub(super) mod run;
pub(super) mod sandbox;
pub(super) mod system;
