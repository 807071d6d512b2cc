//! `--metrics-listen`: an address of its own for those who watch the server, without tokens. It answers nothing else.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{health, metrics};
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;

/// The most connections at the same time; more wait.
const MOST: usize = 16;

/// How long one connection may last.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves `/metrics`, `/healthz` and `/readyz` on `listener`, until it is dropped.
pub(in crate::serve) async fn serve(listener: TcpListener, state: Arc<State>) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let state = Arc::clone(&state);
                drop(tokio::spawn(async move {
                    let _place = place;
                    // A client that is too slow is closed by the end of this future.
                    let _ = tokio::time::timeout(PATIENCE, speak(stream, state)).await;
                }));
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection for metrics");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn speak(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request: Request<Incoming>| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(&state, request.uri()).await) }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection for metrics ended badly");
    }
}

async fn answer(state: &State, uri: &Uri) -> Response<Body> {
    match uri.path() {
        "/metrics" => metrics::metrics(state),
        "/healthz" => health::live(),
        "/readyz" => health::ready(state, uri.query()).await,
        _ => response::text(StatusCode::NOT_FOUND, "this address serves /metrics, /healthz and /readyz only\n"),
    }
}
