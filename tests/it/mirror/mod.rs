//! Modules of other registries.

pub(crate) mod module;
mod options;
mod push;
mod schedule;
mod settings;
mod upstream;
