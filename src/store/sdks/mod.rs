//! Published crates, and the records that later builds use.

pub(super) mod compile_checks;
pub(super) mod crate_bytes;
pub(super) mod crates;
pub(super) mod damaged_rows;
pub(super) mod downloads;
pub(super) mod interest;
pub(super) mod plugin_outputs;
pub(super) mod plugin_users;
pub(super) mod reuse_index;
pub(super) mod sdk;
pub(super) mod sdk_key;
pub(super) mod sdk_row;
