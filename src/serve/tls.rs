//! TLS of the server: certificate and key from their files, and the handshake.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::TlsFiles;

use super::ServeError;

/// What turns a connection into one with TLS.
///
/// # Errors
/// When a file cannot be read, holds nothing of its kind, or the two do not belong together.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ServeError> {
    let chain = CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unusable("tls-cert", &files.cert, &error))?;
    if chain.is_empty() {
        return Err(unusable("tls-cert", &files.cert, &"it holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable("tls-key", &files.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(|error| unusable("tls-key", &files.key, &error))?;
    // `buf` offers neither and speaks HTTP/1.1; gRPC clients ask for HTTP/2.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn unusable(setting: &'static str, path: &Path, reason: &dyn std::fmt::Display) -> ServeError {
    ServeError::Tls { setting, path: path.to_owned(), reason: reason.to_string() }
}
