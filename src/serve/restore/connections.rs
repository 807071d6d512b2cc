//! The accept loop of a server that waits for a backup. It has no store, so it knows nobody and keeps few connections.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::answer;
use super::waiting::Waiting;
use crate::serve::http::listen::Bound;
use crate::serve::http::origin::Ends;

/// The most connections at the same time; others wait.
const MOST: usize = 256;

/// How long requests in flight may take once the server does not wait any more.
const DRAIN: Duration = Duration::from_secs(5);

/// Pause after a failed accept, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until a backup is in its place, which is true, or until `shutdown` ends.
pub(super) async fn serve(bound: &Bound, waiting: &Arc<Waiting>, shutdown: impl Future<Output = ()>) -> bool {
    let mut shutdown = pin!(shutdown);
    let mut restored = waiting.restored.subscribe();
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let is_restored = loop {
        tokio::select! {
            accepted = bound.listener.accept(), if connections.len() < MOST => match accepted {
                Ok((stream, peer)) => {
                    let ends = Ends::of(&stream, peer);
                    let connection = Connection { waiting: Arc::clone(waiting), ends, stopping: stopping.clone() };
                    connections.spawn(connection.answer(stream, bound.tls.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            _ = connections.join_next(), if !connections.is_empty() => {}
            _ = restored.wait_for(|restored| *restored) => break true,
            () = shutdown.as_mut() => break false,
        }
    };
    stop.send_replace(true);
    // What takes longer is cut off.
    let _ = timeout(DRAIN, async { while connections.join_next().await.is_some() {} }).await;
    is_restored
}

struct Connection {
    waiting: Arc<Waiting>,
    ends: Ends,
    stopping: watch::Receiver<bool>,
}

impl Connection {
    async fn answer(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let Some(tls) = tls else { return self.speak(stream).await };
        match timeout(self.waiting.patience, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS with a client"),
            Err(_) => tracing::debug!("no TLS with a client: it was too slow"),
        }
    }

    async fn speak(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let (waiting, ends) = (Arc::clone(&self.waiting), self.ends);
        let service = service_fn(move |mut request| {
            ends.note_in(&mut request);
            let waiting = Arc::clone(&waiting);
            async move { Ok::<_, Infallible>(answer::answer(&waiting, request).await) }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.waiting.patience).keep_alive(false);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            ended = connection.as_mut() => return note(ended),
            _ = self.stopping.wait_for(|stopping| *stopping) => connection.as_mut().graceful_shutdown(),
        }
        note(connection.await);
    }
}

fn note<E: std::fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended badly");
    }
}
