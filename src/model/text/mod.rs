//! Texts that users write: characters that cannot be seen, and names that were meant.

pub(super) mod hidden;
pub(super) mod suggestion;
