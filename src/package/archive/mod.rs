//! The `.crate` file: how it is written and read back, and which parts of an earlier one go into it again.

pub(super) mod contents;
pub(super) mod retime;
pub(super) mod reuse;
pub(super) mod write;
