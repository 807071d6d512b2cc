//! The accept loop: one task per connection, and a drain with a deadline when told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::route;
use super::state::State;

/// How long requests in flight may take to finish once the server was told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How long a client may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Pause after a failed accept (mostly: out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a client may take for the handshake of TLS.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// Whose connection a request came over. Every request has it among its extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerAddress(pub SocketAddr);

/// The address of ours that the connection of a request went to, likewise.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalAddress(pub SocketAddr);

/// Answers requests, with TLS if there is an acceptor, until `shutdown` ends; then lets those in flight finish.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
    shutdown: impl Future<Output = ()>,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);

    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        // Small answers must not wait for the next packet; a socket that refuses is only slower.
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            state: Arc::clone(&state),
            builder: builder.clone(),
            watcher: graceful.watcher(),
            peer: PeerAddress(peer),
            local: stream.local_addr().ok().map(LocalAddress),
        };
        match &tls {
            None => drop(tokio::spawn(connection.answer(stream))),
            Some(tls) => drop(tokio::spawn(connection.shake_hands(tls.clone(), stream))),
        }
    }

    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("stopping with requests in flight: they took too long"),
    }
}

/// One connection, and what it takes to answer its requests.
struct Connection {
    state: Arc<State>,
    builder: auto::Builder<TokioExecutor>,
    watcher: Watcher,
    peer: PeerAddress,
    local: Option<LocalAddress>,
}

impl Connection {
    async fn shake_hands(self, tls: TlsAcceptor, stream: TcpStream) {
        match tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.answer(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS with a client"),
            Err(_) => tracing::debug!("a client did not finish its TLS handshake"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { state, builder, watcher, peer, local } = self;
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            local.map(|local| request.extensions_mut().insert(local));
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(route::answer(state, request).await) }
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection.into_owned()).await {
            tracing::debug!(%error, "connection ended badly");
        }
    }
}
