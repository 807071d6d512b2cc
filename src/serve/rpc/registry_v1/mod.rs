//! `registry.v1`, this registry's own API: one file per service.

pub(super) mod audit;
pub(super) mod compare;
pub(super) mod foreign_settings;
pub(super) mod interests;
pub(super) mod members;
pub(super) mod mirror;
pub(super) mod plugins;
pub(super) mod resting_names;
pub(super) mod sdk_list;
pub(super) mod sdks;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod status;
pub(super) mod tokens;
pub(super) mod usage;
pub(super) mod webhooks;
