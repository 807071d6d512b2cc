//! Linked files become the encoded descriptor set that plugins are given.

pub(super) mod descriptor_set;
pub(super) mod source_locations;
