//! The memory that a call of a plugin takes at most, known before it is made.

pub(super) mod cost;
pub(super) mod size;
