//! Answers of plugins become sets of files.

pub(super) mod answer;
pub(super) mod descriptor_sets;
mod merge;
pub(super) mod own_files;
#[cfg(test)]
mod testing;
