//! Liveness and readiness.

use http::{Response, StatusCode};
use tokio::task::block_in_place;

use super::readiness::Ready;
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;

/// Liveness: the process responds. A full disk is no reason to restart it.
pub(in crate::serve) fn live() -> Response<Body> {
    response::text(StatusCode::OK, "ok\n")
}

/// Readiness: the store can be read and written. With a full disk, the server is ready too, because it can be read.
pub(in crate::serve) async fn ready(state: &State) -> Response<Body> {
    match block_in_place(|| state.readiness.ask(state.store())) {
        Ready::Yes => response::text(StatusCode::OK, "ready\n"),
        Ready::ReadsOnly => response::text(StatusCode::OK, "ready, but full: pushes are refused\n"),
        Ready::No(why) => response::text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}
