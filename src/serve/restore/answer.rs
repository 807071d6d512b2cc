//! What a server that waits for a backup answers.

use std::sync::Arc;

use http::header::{AUTHORIZATION, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::upload;
use super::waiting::Waiting;
use crate::serve::auth;
use crate::serve::http::monitoring::health;
use crate::serve::http::response::{self, Body};
use crate::wire::restore::{AWAITING, PATH};

/// How long a client that got nothing should wait, in seconds.
const RETRY: &str = "5";

/// The response to a request.
pub(super) async fn answer(waiting: &Arc<Waiting>, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut response = match (&parts.method, parts.uri.path()) {
        (_, "/healthz") => health::live(),
        (_, "/readyz") => {
            unavailable("not ready: it waits for a backup, with which `registry restore` fills it\n".into())
        }
        (&Method::GET | &Method::PUT, PATH) if !has_token(waiting, &parts) => response::text(
            StatusCode::UNAUTHORIZED,
            "this server takes a backup with the token that it printed when it began to wait, and with no other\n",
        ),
        (&Method::GET, PATH) if waiting.turn.available_permits() == 0 => upload::busy(),
        (&Method::GET, PATH) => response::text(StatusCode::OK, "waiting\n"),
        (&Method::PUT, PATH) => upload::receive(waiting, &parts, body).await,
        _ => {
            let url = waiting.addresses.own();
            unavailable(format!("this registry waits for a backup: `registry restore FILE --server {url}` sends one"))
        }
    };
    let (name, value) = AWAITING;
    response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    response
}

fn unavailable(text: String) -> Response<Body> {
    let mut response = response::text(StatusCode::SERVICE_UNAVAILABLE, text);
    response::header(&mut response, RETRY_AFTER, RETRY);
    response
}

fn has_token(waiting: &Waiting, request: &Parts) -> bool {
    let header = request.headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    header.and_then(auth::secret).is_some_and(|secret| secret.hash() == waiting.token)
}
