//! Where a mirrored module is read. How it is read is passed in with the surroundings: this layer knows no client.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::model::ForeignModule;
use crate::publish::MirrorSource;
use crate::wire::registry::v1::ImportSettingsRequest;

/// What another registry says of modules beside their commits.
#[derive(Debug, Default)]
pub struct FetchedSettings {
    /// A request for each module.
    pub requests: Vec<ImportSettingsRequest>,
    /// What could not be read, a phrase each.
    pub unread: Vec<String>,
}

/// A fetch of settings that is running. Its error is a sentence.
pub type FetchingSettings<'a> = Pin<Box<dyn Future<Output = Result<FetchedSettings, String>> + Send + 'a>>;

/// A module of another registry that is taken in on a schedule, with what is said of it there.
pub trait ScheduledSource: MirrorSource {
    /// Fetches what is said there of `modules`, which came with the heads.
    fn fetch_settings(&self, modules: Vec<ForeignModule>) -> FetchingSettings<'_>;
}

/// A source with its schedule.
#[derive(Clone)]
pub struct ScheduledMirror {
    /// Where the module is read.
    pub source: Arc<dyn ScheduledSource>,
    /// The time between two.
    pub every: Duration,
}
