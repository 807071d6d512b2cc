//! What a compilation may take: time, threads, and memory, which is estimated before it begins and shared by all that
//! run.

pub(super) mod compile_memory;
pub(super) mod deadline;
pub(super) mod memory_estimate;
pub(super) mod threads;
