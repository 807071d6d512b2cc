//! The services of `buf.alpha.registry.v1alpha1` that `buf` still calls, one file each.

pub(super) mod authentication;
pub(super) mod code_generation;
pub(super) mod plugin_curation;
pub(super) mod resolve;
pub(super) mod webhooks;
