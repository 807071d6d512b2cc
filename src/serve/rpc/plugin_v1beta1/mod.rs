//! The services of check plugins, `buf.registry.plugin.v1beta1`: one file per service, and what they share.

mod commits;
mod conversions;
mod download;
mod labels;
mod plugins;
mod references;
mod resources;
mod upload;
