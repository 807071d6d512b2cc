//! Keeping a store whole: copies of it, and the way back from a copy.

pub(super) mod backup;
pub(super) mod restore;
pub(super) mod seal;
