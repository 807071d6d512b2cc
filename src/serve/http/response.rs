//! Builds responses.

use bytes::Bytes;
use connectrpc::ConnectRpcBody;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};

use super::error::{Kind, Refusal};
use super::event_stream::Events;

/// The body of every response: bytes, the body of an RPC, or events as they happen.
pub(in crate::serve) type Body = Either<Full<Bytes>, Either<ConnectRpcBody, Events>>;

/// A response with a body of this content type.
pub(in crate::serve) fn with(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(body.into())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A response of plain text.
pub(in crate::serve) fn text(status: StatusCode, body: impl Into<String>) -> Response<Body> {
    with(status, "text/plain; charset=utf-8", body.into())
}

/// A response of JSON.
pub(in crate::serve) fn json(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    with(status, "application/json", body.to_string())
}

/// Sets a header to a text of this program, which is a valid header value.
pub(in crate::serve) fn header(response: &mut Response<Body>, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A refusal as cargo shows it: plain text on index and download paths.
pub(in crate::serve) fn refuse_text(refusal: &Refusal, login_url: &str) -> Response<Body> {
    let mut response = text(refusal.kind.status(), refusal.message.clone());
    finish_refusal(&mut response, refusal, login_url);
    response
}

/// A refusal as cargo's API commands show it.
pub(in crate::serve) fn refuse_json(refusal: &Refusal, login_url: &str) -> Response<Body> {
    let body = serde_json::json!({ "errors": [{ "detail": refusal.message }] });
    let mut response = json(refusal.kind.status(), &body);
    finish_refusal(&mut response, refusal, login_url);
    response
}

fn finish_refusal(response: &mut Response<Body>, refusal: &Refusal, login_url: &str) {
    header(response, CACHE_CONTROL, "no-store");
    if refusal.kind == Kind::Unauthenticated {
        header(response, WWW_AUTHENTICATE, &format!("Cargo login_url=\"{login_url}\""));
    }
    retry_after(response, refusal.kind);
}

/// Sets `Retry-After`, in seconds, if a retry may succeed.
pub(in crate::serve) fn retry_after(response: &mut Response<Body>, kind: Kind) {
    match kind {
        Kind::Busy | Kind::Unavailable => header(response, RETRY_AFTER, "1"),
        Kind::TooMany => header(response, RETRY_AFTER, "60"),
        _ => {}
    }
}
