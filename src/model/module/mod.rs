//! Modules, their files, labels and commits.

pub(super) mod digest;
pub(super) mod label;
pub(super) mod label_pattern;
pub(super) mod mirror_part;
pub(super) mod module_options;
pub(super) mod name;
pub(super) mod path;
pub(super) mod remote_commit;
pub(super) mod snapshot;
pub(super) mod unique_names;
