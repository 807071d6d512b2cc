//! The repository itself: layers, names, dependencies, and that documents say what is tested.

mod circles;
mod effects;
pub(crate) mod layering;
mod licences;
mod readme;
mod snapshot_files;
mod words;
