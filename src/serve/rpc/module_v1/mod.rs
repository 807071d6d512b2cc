//! `buf.registry.module.v1`: one file per service, and the rules that several of them share.

pub(super) mod commits;
pub(super) mod descriptor_sets;
pub(super) mod download;
pub(super) mod graph;
pub(super) mod graph_selection;
pub(super) mod labels;
pub(super) mod missing_dependencies;
pub(super) mod modules;
pub(super) mod push_warning;
pub(super) mod resources;
pub(super) mod upload;
