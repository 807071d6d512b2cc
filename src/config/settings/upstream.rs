//! The settings of the upstream.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::resolve::Resolver;
use crate::config::{ConfigError, settings_table, value};

/// Another registry that missing dependencies of a push are fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamSettings {
    /// Its base URL, without a slash at its end.
    pub url: String,
    /// A file with the token for it.
    pub token_file: Option<PathBuf>,
    /// The time limit to fetch one commit with its dependencies.
    pub timeout: Duration,
    /// The most bytes of one commit with its dependencies.
    pub max_bytes: u64,
}

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<Option<UpstreamSettings>, ConfigError> {
    let url = from.optional(&settings_table::UPSTREAM, value::base_url)?;
    let token_file = from.optional(&settings_table::UPSTREAM_TOKEN_FILE, value::file)?;
    let timeout = from.plain(&settings_table::UPSTREAM_TIMEOUT, value::seconds)?;
    let max_bytes = from.plain(&settings_table::UPSTREAM_MAX_BYTES, value::size)?;
    Ok(url.map(|url| UpstreamSettings { url, token_file, timeout, max_bytes }))
}
