//! Modules of other registries that the server takes in on a schedule.

pub(in crate::serve) mod schedule;
mod source;
pub(in crate::serve) mod states;

pub use source::{FetchedSettings, FetchingSettings, ScheduledMirror, ScheduledSource};
