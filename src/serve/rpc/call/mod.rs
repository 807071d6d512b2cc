//! Helpers of all RPCs: authenticate the caller, look up the records that a request names, page through lists, and
//! convert records to messages.

pub(super) mod breaking_rules;
pub(super) mod context;
pub(super) mod conversions;
pub(super) mod pagination;
pub(super) mod plugin_ref;
pub(super) mod references;
