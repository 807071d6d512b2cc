//! The repository itself: layers, names, dependencies, and that documents say what is tested.

mod circles;
mod dependencies;
mod effects;
pub(crate) mod layering;
mod readme;
mod snapshot_files;
mod vocabulary;
mod words;
