//! Responses of plugins become sets of files.

pub(super) mod descriptor_sets;
mod merge;
pub(super) mod own_files;
pub(super) mod read;
#[cfg(test)]
mod testing;
