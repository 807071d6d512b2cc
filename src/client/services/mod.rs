//! The services of a server, one file each, with a method per call.

pub(super) mod audit;
pub(super) mod commits;
pub(super) mod compare;
pub(super) mod labels;
pub(super) mod members;
pub(super) mod modules;
pub(super) mod owners;
pub(super) mod plugins;
pub(super) mod resting_names;
pub(super) mod sdks;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod status;
pub(super) mod tokens;
pub(super) mod upload;
pub(super) mod usage;
pub(super) mod v1beta1;
pub(super) mod webhooks;
