//! The door of the RPCs: how large a request may be, and how long its client waits, is looked at before its body is read.

use connectrpc::ConnectError;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use tower::ServiceExt as _;

use crate::model::Limits;
use crate::serve::auth::Caller;
use crate::serve::error::{Answer, Refusal};
use crate::serve::read_on::read_on;
use crate::serve::respond::Body;
use crate::serve::state::State;

use super::bounded::{Bounded, TooLarge};
use super::call::refused;

/// Largest body, in bytes, of a request without a valid token: nobody can fill the memory without being known.
const STRANGERS_BODY: u64 = 16 << 20;

/// How long the client of a Connect call waits, in milliseconds.
const TIMEOUT: &str = "connect-timeout-ms";

/// Most digits of it, as the Connect protocol says.
const TIMEOUT_DIGITS: usize = 10;

/// Limits for the library below, in its own words.
pub(super) fn connect_limits(body: u64) -> connectrpc::Limits {
    let most = usize::try_from(body).unwrap_or(usize::MAX);
    connectrpc::Limits::default().with_max_request_body_size(most).with_max_message_size(most)
}

/// Answers one RPC.
pub(in crate::serve) async fn answer(state: &State, request: Request<Incoming>) -> Response<Body> {
    let caller = state.auth.caller(request.headers()).map_err(Refusal::from);
    let known = matches!(caller, Ok(Caller::User { .. }));
    let limits = state.publisher.limits();
    let admitted = admit(caller, limits, content_length(request.headers()));
    if let Err(refusal) = admitted.and_then(|()| check_timeout(request.headers())) {
        let grpc = is_grpc(request.headers());
        read_on(request.into_body()).await;
        return refuse(&refused(refusal), grpc);
    }
    let most = if known { limits.body } else { limits.body.min(STRANGERS_BODY) };
    let too_large = TooLarge::default();
    let grpc = is_grpc(request.headers());
    let request = request.map(|body| Bounded::new(body, most, too_large.clone()));
    let Ok(response) = state.rpc.clone().with_limits(connect_limits(most)).oneshot(request).await;
    if too_large.happened() {
        return refuse(&refused(cut_off(most, limits)), grpc);
    }
    response.map(|body| Either::Right(Either::Left(body)))
}

/// The refusal of a body that did not say how large it is, and was cut off.
fn cut_off(most: u64, limits: &Limits) -> Refusal {
    match limits.check_body("the request, as far as it was read,", most.saturating_add(1)) {
        Err(limit) => limit.into(),
        Ok(()) => Refusal::unauthenticated(format!(
            "the request is more than {STRANGERS_BODY} bytes; without a token no more are read"
        )),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// Whether a request that says how large it is may be read. The others are cut off when they turn out to be larger.
fn admit(caller: Answer<Caller>, limits: &Limits, length: Option<u64>) -> Answer<()> {
    let Some(length) = length else { return Ok(()) };
    limits.check_body("the request", length)?;
    if length <= STRANGERS_BODY || matches!(caller?, Caller::User { .. }) {
        return Ok(());
    }
    let message = format!("the request is {length} bytes; without a token at most {STRANGERS_BODY} bytes are read");
    Err(Refusal::unauthenticated(message))
}

/// The library below passes over a deadline that it cannot read, but the client counts on it.
fn check_timeout(headers: &HeaderMap) -> Answer<()> {
    let Some(value) = headers.get(TIMEOUT) else { return Ok(()) };
    let value = value.as_bytes();
    if (1..=TIMEOUT_DIGITS).contains(&value.len()) && value.iter().all(u8::is_ascii_digit) {
        return Ok(());
    }
    let message = format!("the header {TIMEOUT} is not a number of milliseconds with at most {TIMEOUT_DIGITS} digits");
    Err(Refusal::invalid(message))
}

/// An error in the form of the protocol that the client speaks: gRPC looks for it in the headers.
fn refuse(error: &ConnectError, grpc: bool) -> Response<Body> {
    let json = if grpc { bytes::Bytes::new() } else { error.to_json() };
    let mut response = Response::new(Either::Left(Full::new(json)));
    let kind = if grpc { "application/grpc" } else { "application/json" };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if grpc {
        headers.insert("grpc-status", HeaderValue::from(error.code.grpc_code()));
        let message = error.message.as_deref().unwrap_or_default();
        if let Ok(message) = HeaderValue::from_str(message) {
            headers.insert("grpc-message", message);
        }
    }
    *response.status_mut() = if grpc { StatusCode::OK } else { error.http_status() };
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::error::Kind;

    #[test]
    fn a_request_above_the_limit_hears_of_the_flag() {
        let limits = Limits { body: 100, ..Limits::default() };
        assert!(admit(Ok(Caller::Anonymous), &limits, Some(100)).is_ok());
        let refusal = admit(Ok(Caller::Anonymous), &limits, Some(101)).unwrap_err();
        assert_eq!(refusal.kind, Kind::TooLarge);
        assert!(refusal.message.contains("101") && refusal.message.contains("--max-body-bytes"), "{}", refusal.message);
    }

    #[test]
    fn strangers_send_little() {
        let limits = Limits::default();
        let refusal = admit(Ok(Caller::Anonymous), &limits, Some(STRANGERS_BODY + 1)).unwrap_err();
        assert_eq!(refusal.kind, Kind::Unauthenticated);
        // A push with a token that has expired hears that, not that it is large.
        let expired = Err(Refusal::unauthenticated("the token expired"));
        assert_eq!(admit(expired, &limits, Some(STRANGERS_BODY + 1)).unwrap_err().message, "the token expired");
        let expired = Err(Refusal::unauthenticated("the token expired"));
        assert!(admit(expired, &limits, Some(1)).is_ok(), "the method decides what it answers");
    }

    #[test]
    fn each_protocol_finds_the_error_where_it_looks() {
        let error = ConnectError::resource_exhausted("too large");
        let connect = refuse(&error, false);
        assert_eq!(connect.status(), StatusCode::TOO_MANY_REQUESTS);
        let grpc = refuse(&error, true);
        assert_eq!((grpc.status(), &grpc.headers()["grpc-status"]), (StatusCode::OK, &HeaderValue::from(8)));
        assert_eq!(grpc.headers()["grpc-message"], "too large");
    }
}
