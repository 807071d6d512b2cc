//! The configuration files of `buf` and of this registry, each read into checked values.

mod breaking_section;
pub(super) mod buf_lock;
pub(super) mod buf_work_yaml;
pub(super) mod buf_yaml;
pub(super) mod directory;
pub(super) mod error;
pub(super) mod reference;
pub(super) mod registry_yaml;
pub(super) mod selection;
pub(super) mod yaml;
