//! Keeping a store whole: copies of it and the way back, what is wrong with it, and what nobody needs any more.

pub(super) mod backup;
pub(super) mod backup_dir;
pub(super) mod contents;
pub(super) mod leftovers;
mod orphans;
pub(super) mod pieces;
pub(super) mod restore;
pub(super) mod seal;
pub(super) mod store_copy;
