//! Checks the size and the deadline of an RPC before its body is read.

use std::sync::Arc;

use connectrpc::{ConnectError, ConnectRpcService, Router};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{Either, Full};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tower::ServiceExt as _;

use crate::actions::{ActionError, Caller};
use crate::model::Limits;
use crate::serve::http::drain_body::read_on;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::listen::RequestBody;
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;

use super::absent;
use super::is_open;
use super::limited_body::{self, Bounded};
use crate::serve::rpc::call::context::refused;

/// The most bytes in the body of a request without a valid token, so that strangers cannot fill the memory.
const STRANGERS_BODY: u64 = 4 << 20;

/// The copies of a request in memory while it is read: encoded and decoded.
const COPIES: u64 = 2;

/// The header with the deadline of a Connect call, in milliseconds: at most ten digits.
const CONNECT_TIMEOUT: &str = "connect-timeout-ms";

/// The header with the deadline of a gRPC call: at most eight digits, and the letter of a unit.
const GRPC_TIMEOUT: &str = "grpc-timeout";

/// The characters that a header of gRPC encodes: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// Limits for the RPC library. None on bytes, because its refusals name no flag: [`Bounded`] limits bodies, and
/// [`super::compression`] decompressed messages. `elements` limits the memory of a decoded request, in bytes;
/// [`super::limit_messages`] rewords its refusal.
pub(in crate::serve::rpc) fn connect_limits(elements: usize) -> connectrpc::Limits {
    let limits = connectrpc::Limits::default().with_max_request_body_size(usize::MAX);
    limits.with_max_message_size(usize::MAX).with_element_memory_limit(elements)
}

/// The most bytes in the body of a request without a valid token.
pub(in crate::serve::rpc) fn strangers_body(limits: &Limits) -> u64 {
    limits.body.min(STRANGERS_BODY)
}

/// All RPCs, twice: with the limits for callers with a valid token, and with the lower limits for other callers.
pub(in crate::serve) struct RpcService {
    pub(in crate::serve::rpc) known: ConnectRpcService<Router>,
    pub(in crate::serve::rpc) strangers: ConnectRpcService<Router>,
}

/// Serves one RPC.
pub(in crate::serve) async fn answer(rpc: &RpcService, state: &State, request: Request<RequestBody>) -> Response<Body> {
    let grpc = grpc(request.headers());
    let caller = state.auth.caller(request.headers()).map_err(Refusal::from);
    let known = matches!(caller, Ok(Caller::User { .. }));
    let admitted = admit(state, caller, &request).and_then(|()| check_timeout(request.headers()));
    let room = match admitted.and_then(|()| absent::check(request.uri().path())) {
        Ok(()) => state.memory.of_request(weight(request.headers()), known).await,
        Err(refusal) => Err(refusal),
    };
    let room = match room {
        Ok(room) => room,
        Err(refusal) => {
            read_on(request.into_body()).await;
            return refuse(&refusal, grpc);
        }
    };
    let limits = *state.publisher.limits();
    let (most, service) = match known {
        true => (limits.body, &rpc.known),
        false => (strangers_body(&limits), &rpc.strangers),
    };
    let progress = limited_body::BodyProgress::with(room);
    let length = content_length(request.headers());
    let memory = Arc::clone(&state.memory);
    let request = request.map(|body| {
        let too_large = move || too_much(most, &limits, BodyStage::Plain);
        let more = move |bytes: u64| memory.more(bytes * COPIES, known);
        Bounded::new(body, Arc::clone(&progress), most, length.unwrap_or(0), too_large, more)
    });
    let Ok(response) = service.clone().oneshot(request).await;
    if let Some(refusal) = progress.refusal() {
        return refuse(refusal, grpc);
    }
    response.map(|body| Either::Right(Either::Left(body)))
}

/// The memory for a request, by the length in its headers. The decompressed copy of a compressed request is counted
/// when it is made.
fn weight(headers: &HeaderMap) -> u64 {
    let length = content_length(headers).unwrap_or(0);
    let encoded = [CONTENT_ENCODING.as_str(), "grpc-encoding"].iter().any(|name| headers.contains_key(*name));
    if encoded { length } else { length.saturating_mul(COPIES) }
}

/// Where a body turned out to be too large.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve::rpc) enum BodyStage {
    /// While it was read: its length was not known before.
    Plain,
    /// While it was decompressed.
    Unpacking,
}

/// The refusal of a body of more than `most` bytes.
pub(in crate::serve::rpc) fn too_much(most: u64, limits: &Limits, reading: BodyStage) -> Refusal {
    let what = match reading {
        BodyStage::Plain => "the request, as far as it was read,",
        BodyStage::Unpacking => "the request, as far as it was unpacked,",
    };
    match limits.check_body(what, most.saturating_add(1)) {
        Err(limit) => limit.into(),
        Ok(()) => Refusal::unauthenticated(format!(
            "the request is more than {STRANGERS_BODY} bytes; without a token no more are read"
        )),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The content type of a gRPC or gRPC-Web request, which its response has too.
pub(in crate::serve) fn grpc(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(CONTENT_TYPE).filter(|value| value.as_bytes().starts_with(b"application/grpc")).cloned()
}

/// Checks by its headers whether the body of a request may be read: refuses callers without the needed token, and large
/// requests. A body of unknown length is refused while it is read.
fn admit(state: &State, caller: Answer<Caller>, request: &Request<RequestBody>) -> Answer<()> {
    let who = match is_open(request.uri().path()) {
        true => RequiredCaller::Anybody,
        false if state.anonymous_reads => RequiredCaller::Reader,
        false => RequiredCaller::User,
    };
    admitted(caller, who, state.publisher.limits(), content_length(request.headers()))
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RequiredCaller {
    /// Everybody, even with a token that is not valid.
    Anybody,
    /// Callers with a valid token, and callers without a token.
    Reader,
    User,
}

fn admitted(caller: Answer<Caller>, who: RequiredCaller, limits: &Limits, length: Option<u64>) -> Answer<()> {
    limits.check_body("the request", length.unwrap_or(0))?;
    match caller {
        Ok(Caller::User { .. } | Caller::Operator) => return Ok(()),
        Ok(Caller::Anonymous) if who == RequiredCaller::User => return Err(ActionError::NoToken.into()),
        Err(refusal) if who != RequiredCaller::Anybody => return Err(refusal),
        Ok(Caller::Anonymous) | Err(_) => {}
    }
    match length.filter(|length| *length > STRANGERS_BODY) {
        None => Ok(()),
        Some(length) => Err(Refusal::unauthenticated(format!(
            "the request is {length} bytes; without a token at most {STRANGERS_BODY} bytes are read"
        ))),
    }
}

/// Refuses a malformed deadline: the RPC library ignores it, but the client relies on it.
pub(in crate::serve::rpc) fn check_timeout(headers: &HeaderMap) -> Answer<()> {
    let of_connect = (CONNECT_TIMEOUT, "a number of milliseconds with at most 10 digits");
    let of_grpc = (GRPC_TIMEOUT, "a number with at most 8 digits and a unit: H, M, S, m, u or n");
    let (name, form) = if grpc(headers).is_some() { of_grpc } else { of_connect };
    let valid = match headers.get(name).map(HeaderValue::as_bytes) {
        None => true,
        Some([digits @ .., b'H' | b'M' | b'S' | b'm' | b'u' | b'n']) if name == GRPC_TIMEOUT => is_number(digits, 8),
        Some(digits) => name == CONNECT_TIMEOUT && is_number(digits, 10),
    };
    if valid { Ok(()) } else { Err(Refusal::invalid(format!("the header {name} is not {form}"))) }
}

fn is_number(digits: &[u8], most: usize) -> bool {
    (1..=most).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// A refusal in the form of the client's protocol. gRPC, with the content type `grpc`, has the error in the headers.
pub(in crate::serve) fn refuse(refusal: &Refusal, grpc: Option<HeaderValue>) -> Response<Body> {
    let mut response = error_response(&refused(refusal.clone()), grpc);
    response::retry_after(&mut response, refusal.kind);
    response
}

fn error_response(error: &ConnectError, grpc: Option<HeaderValue>) -> Response<Body> {
    let Some(kind) = grpc else {
        let mut response = Response::new(Either::Left(Full::new(error.to_json())));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *response.status_mut() = error.http_status();
        return response;
    };
    let mut response = Response::new(Either::Left(Full::new(bytes::Bytes::new())));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert("grpc-status", HeaderValue::from(error.code.grpc_code()));
    let message = utf8_percent_encode(error.message.as_deref().unwrap_or_default(), ENCODED).to_string();
    if let Ok(message) = HeaderValue::from_str(&message) {
        headers.insert("grpc-message", message);
    }
    response
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::serve::http::error::Kind;

    #[test]
    fn a_request_above_the_limit_hears_of_the_flag() {
        let limits = Limits { body: 100, ..Limits::default() };
        assert!(admitted(Ok(Caller::Anonymous), RequiredCaller::Reader, &limits, Some(100)).is_ok());
        let refusal = admitted(Ok(Caller::Anonymous), RequiredCaller::Reader, &limits, Some(101)).unwrap_err();
        assert_eq!(refusal.kind, Kind::TooLarge);
        assert!(refusal.message.contains("101") && refusal.message.contains("--max-body-bytes"), "{}", refusal.message);
    }

    #[test]
    fn strangers_send_little() {
        let limits = Limits::default();
        let refusal =
            admitted(Ok(Caller::Anonymous), RequiredCaller::Reader, &limits, Some(STRANGERS_BODY + 1)).unwrap_err();
        assert_eq!(refusal.kind, Kind::Unauthenticated);
        // A push with a token that has expired hears that, not that it is large.
        let expired = Err(Refusal::unauthenticated("the token expired"));
        let refusal = admitted(expired, RequiredCaller::Reader, &limits, Some(STRANGERS_BODY + 1)).unwrap_err();
        assert_eq!(refusal.message, "the token expired");
        let expired = || Err(Refusal::unauthenticated("the token expired"));
        assert!(admitted(expired(), RequiredCaller::Reader, &limits, Some(1)).is_err());
        assert!(admitted(expired(), RequiredCaller::Anybody, &limits, Some(1)).is_ok(), "a probe is answered");
        let nobody = admitted(Ok(Caller::Anonymous), RequiredCaller::User, &limits, None).unwrap_err();
        assert_eq!(nobody.kind, Kind::Unauthenticated, "before anything is read");
    }

    #[test]
    fn each_protocol_finds_the_error_where_it_looks() {
        let error = ConnectError::resource_exhausted("too large");
        let connect = error_response(&error, None);
        assert_eq!(connect.status(), StatusCode::TOO_MANY_REQUESTS);
        for kind in ["application/grpc", "application/grpc-web+proto"] {
            let grpc = error_response(&error, Some(HeaderValue::from_static(kind)));
            assert_eq!((grpc.status(), &grpc.headers()["grpc-status"]), (StatusCode::OK, &HeaderValue::from(8)));
            assert_eq!(
                (&grpc.headers()[CONTENT_TYPE], &grpc.headers()["grpc-message"]),
                (&kind.parse().unwrap(), &"too large".parse().unwrap())
            );
        }
        let message = ConnectError::resource_exhausted("100 % of caf\u{e9}\n");
        let grpc = error_response(&message, Some(HeaderValue::from_static("application/grpc")));
        assert_eq!(grpc.headers()["grpc-message"], "100 %25 of caf%C3%A9%0A");
    }
}
