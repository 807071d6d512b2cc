//! The settings of connections: TLS, and the limits on clients.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::resolve::Resolver;
use crate::config::{ConfigError, settings_table, value};

/// The files of the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with its intermediate certificates, in PEM.
    pub cert: PathBuf,
    /// The certificate's private key, in PEM.
    pub key: PathBuf,
}

/// The limits on all clients together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// The most connections; if absent, as many as there are file descriptors for.
    pub most: Option<usize>,
    /// The most connections from one address; half of all if absent.
    pub per_address: Option<usize>,
    /// How long a client may take for its first request, and for the next piece of a request or a response.
    pub client_timeout: Duration,
    /// How long a connection stays open without a request.
    pub keep_alive: Duration,
    /// How long new requests are still taken once the server is asked to stop.
    pub drain_delay: Duration,
    /// The memory for all large requests and responses together, in bytes.
    pub request_memory: u64,
    /// The most pushes that wait for their turn.
    pub waiting_pushes: usize,
}

pub(super) fn tls(from: &mut Resolver<'_>) -> Result<Option<TlsFiles>, ConfigError> {
    let cert = from.optional(&settings_table::TLS_CERT, value::file)?;
    let key = from.optional(&settings_table::TLS_KEY, value::file)?;
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => {
            Err(ConfigError::Together { given: settings_table::TLS_CERT.name, missing: settings_table::TLS_KEY.name })
        }
        (None, Some(_)) => {
            Err(ConfigError::Together { given: settings_table::TLS_KEY.name, missing: settings_table::TLS_CERT.name })
        }
    }
}

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<ConnectionSettings, ConfigError> {
    Ok(ConnectionSettings {
        most: from.optional(&settings_table::MAX_CONNECTIONS, value::number)?,
        per_address: from.optional(&settings_table::MAX_CONNECTIONS_PER_ADDRESS, value::number)?,
        client_timeout: from.plain(&settings_table::CLIENT_TIMEOUT, value::timeout)?,
        keep_alive: from.plain(&settings_table::KEEP_ALIVE, value::timeout)?,
        drain_delay: from.plain(&settings_table::DRAIN_DELAY, value::seconds)?,
        request_memory: from.plain(&settings_table::REQUEST_MEMORY, value::size)?,
        waiting_pushes: from.plain(&settings_table::MAX_WAITING_PUSHES, value::number)?,
    })
}
