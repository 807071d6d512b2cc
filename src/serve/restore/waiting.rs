//! What all requests to a server that waits for a backup share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use crate::model::TokenHash;
use crate::serve::http::origin::Addresses;

/// What all requests to a waiting server share.
pub(super) struct Waiting {
    pub(super) token: TokenHash,
    pub(super) place: PathBuf,
    /// The most bytes of a backup, `--max-store-bytes`.
    pub(super) most_bytes: Option<u64>,
    /// How long a client may take for the next part of a request.
    pub(super) patience: Duration,
    pub(super) addresses: Arc<Addresses>,
    /// The permit for the one backup that is received at a time.
    pub(super) turn: Arc<Semaphore>,
    /// Whether a backup is in its place.
    pub(super) restored: watch::Sender<bool>,
}
