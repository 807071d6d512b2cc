//! The memory that a compilation takes, estimated before it begins and shared by all that run.

pub(super) mod budget;
pub(super) mod estimate;
