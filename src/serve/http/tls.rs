//! TLS: reads certificate and key, sets up the handshake, and reloads both files while the server runs.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::config::TlsFiles;
use crate::serve::error::ServeError;

/// The certificate with its key. Open connections keep the certificate that they began with.
#[derive(Debug)]
pub(in crate::serve) struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// When a file cannot be read, holds no certificate or key, or the two do not belong together.
    pub(in crate::serve) fn read(files: &TlsFiles) -> Result<Arc<Self>, ServeError> {
        Ok(Arc::new(Self(RwLock::new(Arc::new(certified_key(files)?)))))
    }

    /// Reads the files again; if they cannot be used, the certificate stays as it was.
    ///
    /// # Errors
    /// As [`Certificate::read`].
    pub(in crate::serve) fn replace(&self, files: &TlsFiles) -> Result<(), ServeError> {
        let read = Arc::new(certified_key(files)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// The acceptor of TLS connections.
    ///
    /// # Errors
    /// When the library does not support its own safe protocol versions, which does not happen.
    pub(in crate::serve) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let shown: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config = builder.with_no_client_auth().with_cert_resolver(shown);
        // `buf` offers neither and speaks HTTP/1.1; gRPC clients ask for HTTP/2.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn certified_key(files: &TlsFiles) -> Result<CertifiedKey, ServeError> {
    let chain = CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unusable("tls-cert", &files.cert, &error))?;
    if chain.is_empty() {
        return Err(unusable("tls-cert", &files.cert, &"it holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable("tls-key", &files.key, &error))?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(chain, key, &provider).map_err(|error| unusable("tls-key", &files.key, &error))
}

fn unusable(setting: &'static str, path: &Path, reason: &dyn std::fmt::Display) -> ServeError {
    ServeError::Tls { setting, path: path.to_owned(), reason: reason.to_string() }
}
