//! `registry serve --await-restore`: a server on an empty data directory that takes one backup, and nothing else before
//! that. It is live, but not ready.

mod answer;
mod connections;
mod upload;
mod waiting;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::config::Settings;
use crate::model::TokenSecret;
use crate::publish::new_ids;
use crate::store::{DataDir, Restoring};

use crate::serve::error::ServeError;
use crate::serve::http::listen::Bound;
use waiting::Waiting;

/// The description of a server that has begun to wait for a backup.
#[derive(Debug, Clone)]
pub struct AwaitingRestore {
    /// Its address, without a trailing slash.
    pub url: String,
    /// The only copy of the token that the backup is sent with.
    pub token: TokenSecret,
    /// The data directory that is going to be made.
    pub data_dir: PathBuf,
}

/// Waits for a backup until one is in its place, which is true, or until `shutdown` ends.
///
/// # Errors
/// When the data directory is in use, or not empty; it calls `on_waiting` once it waits.
pub async fn await_restore(
    bound: &Bound,
    settings: &Settings,
    on_waiting: impl FnOnce(AwaitingRestore),
    shutdown: impl Future<Output = ()>,
) -> Result<bool, ServeError> {
    let place = &settings.data_dir;
    // Held until the backup is in its place: nothing else may come there.
    let _lock = DataDir::lock(place)?;
    Restoring::remove_leftovers(place)?;
    Restoring::require_free(place)?;
    let unlucky =
        |error: getrandom::Error| ServeError::Io { doing: "make a token".into(), source: std::io::Error::other(error) };
    let token = new_ids::secret().map_err(unlucky)?;
    let waiting = Arc::new(Waiting {
        token: token.hash(),
        place: place.clone(),
        most_bytes: settings.max_store_bytes,
        patience: settings.connections.client_timeout,
        addresses: Arc::clone(&bound.addresses),
        turn: Arc::new(Semaphore::new(1)),
        restored: watch::Sender::new(false),
    });
    on_waiting(AwaitingRestore { url: bound.addresses.own().to_owned(), token, data_dir: place.clone() });
    let is_restored = connections::serve(bound, &waiting, shutdown).await;
    if !is_restored {
        // A backup that was being received is cut off.
        Restoring::remove_leftovers(place)?;
    }
    Ok(is_restored)
}
