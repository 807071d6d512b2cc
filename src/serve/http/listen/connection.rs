//! One connection: serves requests until the connection ends, its client is too slow, or another connection needs its
//! place.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::ConnectionSettings;
use crate::serve::app::App;
use crate::serve::http::origin::Ends;

use super::activity::Activity;
use super::connections::Place;
use super::request_entry;
use super::watched_stream::Watched;

/// The most bytes of the head of a request, and of the write buffer.
const BUFFER: usize = 64 << 10;

/// What all connections share.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) app: Arc<App>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) settings: ConnectionSettings,
    /// Since when the server is stopping, if it is.
    pub(super) stopping: watch::Receiver<Option<Instant>>,
}

impl Server {
    /// Serves the requests of `stream`.
    pub(super) async fn answer(self, stream: TcpStream, ends: Ends, place: Place) {
        let activity = &place.activity;
        let stream = Watched::new(stream, Arc::clone(activity));
        let Some(tls) = &self.tls else { return self.speak(stream, ends, activity).await };
        tokio::select! {
            shaken = tls.accept(stream) => match shaken {
                Ok(stream) => self.speak(stream, ends, activity).await,
                Err(error) => tracing::debug!(%error, "no TLS with a client"),
            },
            why = self.given_up(activity) => tracing::debug!(why, "no TLS with a client"),
        }
    }

    async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, ends: Ends, activity: &Arc<Activity>) {
        let service = service_fn(|mut request: http::Request<Incoming>| {
            ends.note_in(&mut request);
            let (app, activity) = (Arc::clone(&self.app), Arc::clone(activity));
            let patience = self.settings.client_timeout;
            async move { Ok::<_, Infallible>(request_entry::answer(&app, request, &activity, patience).await) }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The time limit for the head of a request is part of the activity's deadline.
        builder.http1().header_read_timeout(None).max_buf_size(BUFFER);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let (mut stopping, mut told) = (self.stopping.clone(), false);
        let mut given_up = pin!(self.given_up(activity));
        loop {
            tokio::select! {
                ended = connection.as_mut() => return match ended {
                    Ok(()) => {}
                    Err(error) => tracing::debug!(%error, "connection ended badly"),
                },
                why = given_up.as_mut() => return tracing::debug!(peer = %ends.peer.0, why, "connection closed"),
                _ = stopping.wait_for(Option::is_some), if !told => {
                    told = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Waits until the client has taken too long, or the connection's place is needed.
    async fn given_up(&self, activity: &Activity) -> &'static str {
        let mut stopping = self.stopping.clone();
        loop {
            let stop = *stopping.borrow_and_update();
            let deadline = match stop {
                None => activity.deadline(&self.settings),
                Some(since) => activity.last_deadline(since),
            };
            if deadline <= Instant::now() {
                return "the client was too slow";
            }
            tokio::select! {
                () = activity.ended() => return "another connection needed its place",
                () = tokio::time::sleep_until(deadline.into()) => {}
                told = stopping.changed() => if told.is_err() {
                    return "the server has stopped";
                },
            }
        }
    }
}
