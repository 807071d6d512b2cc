//! The port of a server, before it serves.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::config::Settings;
use crate::serve::error::ServeError;
use crate::serve::http::origin::Addresses;
use crate::serve::http::tls::Certificate;

use super::raise_limit;

/// A port that is listened on, with the certificate that is shown there, and the addresses that lead to it.
pub struct Bound {
    pub(in crate::serve) listener: TcpListener,
    pub(in crate::serve) certificate: Option<Arc<Certificate>>,
    pub(in crate::serve) tls: Option<TlsAcceptor>,
    pub(in crate::serve) addresses: Arc<Addresses>,
}

impl Bound {
    /// Listens on the port of the settings. Connections wait until somebody serves them.
    ///
    /// # Errors
    /// When the port is taken, or the certificate cannot be used.
    pub async fn to(settings: &Settings) -> Result<Self, ServeError> {
        raise_limit();
        let bind = |source| ServeError::Bind { address: settings.listen, flag: "--listen", source };
        let listener = TcpListener::bind(settings.listen).await.map_err(bind)?;
        let certificate = settings.tls.as_ref().map(Certificate::read).transpose()?;
        let tls = certificate.as_ref().map(Certificate::acceptor).transpose()?;
        let addresses = Arc::new(Addresses::new(settings, listener.local_addr().map_err(bind)?));
        Ok(Self { listener, certificate, tls, addresses })
    }
}
