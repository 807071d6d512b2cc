//! Modules of this registry in `buf`: reading, comparing, and `buf registry module`.

mod breaking;
mod build;
mod check_plugins;
mod commits;
mod deps;
mod digests;
mod labels;
mod organizations;
mod settings;
