//! Listener, routes, authentication, limits, drain; the faces that cargo, buf and browsers see.

use std::path::PathBuf;

use crate::config::Settings;
use crate::model::TokenSecret;

/// What is told to [`run`] besides the settings.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// The data directory is temporary: it is the caller's, who removes it afterwards.
    pub ephemeral: bool,
}

/// A server that accepts requests.
#[derive(Debug)]
pub struct Ready {
    /// Base URL, without a slash at its end.
    pub url: String,
    /// What cargo takes as the registry's index.
    pub cargo_index: String,
    /// The first user's token; only when it was made by this start.
    pub token: Option<TokenSecret>,
    /// The first user; only when made by this start.
    pub user: Option<String>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// A directory to use as `BUF_CONFIG_DIR`, so that `buf` speaks plain HTTP to this server.
    pub buf_config_dir: PathBuf,
}

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Not written yet.
    #[error("this build of registry cannot serve")]
    Unsupported,
}

/// Serves until `shutdown` completes, then drains.
///
/// # Errors
/// When the server cannot start.
pub async fn run(
    _settings: Settings,
    _options: RunOptions,
    _on_ready: impl FnOnce(Ready),
    _shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    Err(ServeError::Unsupported)
}
