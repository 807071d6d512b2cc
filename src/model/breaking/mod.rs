//! What users say about changes that break: categories, and the `breaking` section of a `buf.yaml`.

pub(super) mod category;
pub(super) mod config;
pub(super) mod gate;
pub(super) mod policy;
