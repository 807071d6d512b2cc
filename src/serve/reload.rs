//! Applies settings that were read again to a running server.

use std::sync::Arc;

use crate::config::Settings;

use super::buf_config;
use super::error::ServeError;
use super::http::tls::Certificate;

/// The parts of a running server that settings can change.
#[derive(Debug, Clone, Default)]
pub struct Reload {
    pub(super) certificate: Option<Arc<Certificate>>,
}

impl Reload {
    /// Reads certificate and key again. Whether the server speaks TLS at all stays as it is.
    ///
    /// # Errors
    /// When the files cannot be used; the server then keeps its certificate.
    pub fn apply(&self, settings: &Settings) -> Result<(), ServeError> {
        match (&self.certificate, &settings.tls) {
            (Some(certificate), Some(files)) => {
                certificate.replace(files)?;
                buf_config::write(settings)?;
                tracing::info!(cert = %files.cert.display(), "the certificate and its key were read again");
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                tracing::warn!("whether the server speaks TLS changes with its next start");
            }
        }
        Ok(())
    }
}
