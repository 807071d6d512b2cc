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
/// `?verbose` adds lines on what does not decide it: backups, and the object store, which other servers have too, so that
/// a load balancer would find no better one.
pub(in crate::serve) async fn ready(state: &State, query: Option<&str>) -> Response<Body> {
    if state.connections.are_ending() {
        return response::text(StatusCode::SERVICE_UNAVAILABLE, "not ready: the server is stopping\n");
    }
    // The check waits for the database, however long that is silent.
    let answers = match &state.freshness {
        Some(freshness) => freshness.catch_up().await.is_ok(),
        None => true,
    };
    let ready = match answers {
        true => block_in_place(|| state.readiness.ask(state.store())),
        false => Ready::No("the database cannot be reached"),
    };
    let (status, mut text) = match ready {
        Ready::Yes => (StatusCode::OK, "ready\n".to_owned()),
        Ready::ReadsOnly => (StatusCode::OK, "ready, but full: pushes are refused\n".to_owned()),
        Ready::No(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    };
    if query.is_some_and(|query| query.split('&').any(|item| item == "verbose" || item.starts_with("verbose="))) {
        text.push_str(&format!("backup: {}\n", backup(state)));
        if let Some(health) = block_in_place(|| state.readiness.object_store(state.store())) {
            text.push_str(&format!("object store: {}\n", health.err().unwrap_or("it answers")));
        }
    }
    response::text(status, text)
}

/// How the backups are. Anybody may ask, so this names no path and no error.
fn backup(state: &State) -> String {
    let Some(backups) = &state.backups else { return "none is made by the server".into() };
    let backups = backups.state();
    let age = backups.age(state.publisher.clock().now());
    let newest = age.map_or_else(|| "there is none yet".to_owned(), |age| format!("the newest is {age} s old"));
    let failed = if backups.problem.is_some() { "; the last try failed, `registry status` says why" } else { "" };
    format!("{newest}{failed}")
}
