//! Answers of plugins become sets of files.

pub(super) mod descriptor_sets;
pub(super) mod merge;
pub(super) mod own_files;
