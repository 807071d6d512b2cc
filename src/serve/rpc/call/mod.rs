//! What every RPC does: find out the caller, look up the records that a request names, page through lists, and turn
//! records into messages.

pub(super) mod context;
pub(super) mod conversions;
pub(super) mod pagination;
pub(super) mod plugin_ref;
pub(super) mod references;
