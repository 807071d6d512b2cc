//! The accept loop: one task per connection, and a drain with a deadline when the server stops.

mod activity;
mod body;
mod bound;
mod busy_strangers;
mod connection;
mod connections;
mod file_descriptors;
mod request_entry;
mod watched_stream;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::ConnectionSettings;
use crate::serve::app::App;
use crate::serve::http::origin::Ends;
pub(in crate::serve) use body::{BodyError, RequestBody};
pub use bound::Bound;
use connection::Server;
pub(in crate::serve) use connections::Connections;
use connections::NoPlace;
pub(in crate::serve) use file_descriptors::most as most_descriptors;
use file_descriptors::raise_limit;

/// How long requests in flight may take once the server is stopping.
const DRAIN: Duration = Duration::from_secs(30);

/// Pause after a failed accept (mostly: out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves requests, with TLS if there is an acceptor, until `shutdown` ends and load balancers had time to see that; then
/// lets requests in flight finish.
pub(in crate::serve) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Arc<App>,
    settings: ConnectionSettings,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(None);
    let server = Server { app, tls, settings, stopping };
    let connections = Arc::clone(&server.app.state.connections);
    let mut shutdown = std::pin::pin!(async {
        shutdown.await;
        connections.announce_end();
        tokio::time::sleep(settings.drain_delay).await;
    });

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
        // A small response must not wait for the next packet. If this fails, the connection is only slower.
        let _ = stream.set_nodelay(true);
        let ends = Ends::of(&stream, peer);
        match server.app.state.connections.enter(peer.ip()).await {
            Ok(place) => drop(tokio::spawn(server.clone().answer(stream, ends, place))),
            Err(no_place) => turn_away(&stream, server.tls.is_some(), no_place),
        }
    }

    drop(listener);
    drop(server);
    stop.send_replace(Some(Instant::now()));
    tokio::select! {
        () = stop.closed() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("stopping with requests in flight: they took too long"),
    }
}

/// Tells a client why there is no place for its connection, if that needs no waiting.
fn turn_away(stream: &TcpStream, tls: bool, no_place: NoPlace) {
    tracing::debug!(%no_place, "connection refused");
    if !tls {
        let text = format!("{no_place}\n");
        let head = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 1\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            text.len()
        );
        // A client that has not sent its request yet may miss it; it sees a closed connection then.
        let _ = stream.try_write((head + &text).as_bytes());
    }
}
