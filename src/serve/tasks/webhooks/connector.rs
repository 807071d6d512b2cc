//! Connections to receivers. The addresses of a host are looked up here and checked one by one, and the connection goes
//! to an address that was checked: a name that leads elsewhere a moment later changes nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tower::Service;

use crate::model::{AddressRefused, WebhookPolicy};

/// The most addresses of a host that are tried.
const MOST_ADDRESSES: usize = 4;

/// The most hosts that are looked up at the same time. A look-up takes a thread for as long as the system's resolver
/// takes, which nobody can stop.
pub(in crate::serve) const LOOK_UPS: usize = 8;

/// Connects to addresses that the policy allows.
#[derive(Clone)]
pub(super) struct Connector {
    policy: Arc<WebhookPolicy>,
    look_ups: Arc<Semaphore>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    /// No address of the host is allowed.
    #[error(transparent)]
    Refused(#[from] AddressRefused),
    /// The host has no address.
    #[error("host {host} was not found: {source}")]
    Unknown {
        /// The host.
        host: String,
        /// The failure.
        source: io::Error,
    },
    /// The address has no host.
    #[error("the address has no host")]
    NoHost,
    /// No address took the connection.
    #[error("could not connect to {address}: {source}")]
    Failed {
        /// The address that was tried last.
        address: SocketAddr,
        /// The failure.
        source: io::Error,
    },
}

impl Connector {
    pub(super) fn new(policy: WebhookPolicy) -> Self {
        Self { policy: Arc::new(policy), look_ups: Arc::new(Semaphore::new(LOOK_UPS)) }
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, ConnectError> {
        let host = uri.host().ok_or(ConnectError::NoHost)?.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let unknown = |source| ConnectError::Unknown { host: host.to_owned(), source };
        let found = self.addresses(host, port).await.map_err(unknown)?;
        let (mut refused, mut allowed) = (None, vec![]);
        for address in found {
            match self.policy.check(host, address.ip()) {
                Ok(()) => allowed.push(address),
                Err(error) => refused = Some(error),
            }
        }
        let mut failed = match refused {
            Some(refused) => refused.into(),
            None => unknown(io::Error::new(io::ErrorKind::NotFound, "it has no address")),
        };
        for address in allowed.into_iter().take(MOST_ADDRESSES) {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(TokioIo::new(stream)),
                Err(source) => failed = ConnectError::Failed { address, source },
            }
        }
        Err(failed)
    }

    /// The addresses of a host.
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let permit = Arc::clone(&self.look_ups).acquire_owned().await.map_err(io::Error::other)?;
        let host = host.to_owned();
        let look_up = move || {
            // Kept until the thread is free again, even if nobody waits for the addresses any more.
            let _permit = permit;
            (host.as_str(), port).to_socket_addrs().map(Iterator::collect)
        };
        tokio::task::spawn_blocking(look_up).await.map_err(io::Error::other)?
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connected(policy: &[&str], port: u16, host: &str) -> Result<(), String> {
        let allowed = policy.iter().map(|text| text.parse().unwrap()).collect();
        let uri = format!("http://{host}:{port}/").parse().unwrap();
        let connected = Connector::new(WebhookPolicy::allowing(allowed)).connect(uri).await;
        connected.map(drop).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_address_that_is_connected_to_decides_not_the_name() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
            let refused = connected(&[], port, host).await.unwrap_err();
            assert!(refused.contains("--webhook-allow") || refused.contains("was not found"), "{host}: {refused}");
        }
        connected(&["127.0.0.0/8"], port, "127.0.0.1").await.unwrap();
        connected(&["localhost"], port, "localhost").await.unwrap();
        assert!(connected(&["10.0.0.0/8"], port, "127.0.0.1").await.is_err());
    }
}
