//! What a change makes stale.

use crate::model::ModuleId;

/// What becomes stale by a change that was cached of what it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Stale<'m> {
    /// Anything.
    Everything,
    /// What is cached of the content of these modules: commits, labels and SDKs. Without any, there may be new jobs.
    Modules(&'m [ModuleId]),
    /// Nothing: it changes what is only counted or kept for the nodes themselves.
    Nothing,
}
