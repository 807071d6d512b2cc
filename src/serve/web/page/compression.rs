//! Compresses pages for browsers that accept it. Responses to forms are not compressed: they may hold a new token, and
//! the length of compressed text reveals something about a secret in it.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, Response};
use http_body_util::{BodyExt as _, Either, Full};

use crate::serve::http::response::{self, Body};

/// The fewest bytes of a page that is compressed; a shorter page fits into the first packets.
const WORTH_IT: usize = 4 << 10;

/// Compresses `response` if it is text and long enough, and the client accepts gzip.
pub(in crate::serve::web) async fn compress(headers: &HeaderMap, response: Response<Body>) -> Response<Body> {
    let text = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let text = text.is_some_and(|kind| kind.starts_with("text/") && !kind.starts_with("text/event-stream"));
    let (mut parts, body) = response.into_parts();
    let Either::Left(body) = body else { return Response::from_parts(parts, body) };
    // The whole body is in memory, so this neither waits nor fails.
    let content = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let packed = (text && takes_gzip(headers) && content.len() >= WORTH_IT).then(|| pack(&content)).flatten();
    let compressed = packed.is_some();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    let mut response = Response::from_parts(parts, Either::Left(Full::new(packed.unwrap_or(content))));
    if compressed {
        response::header(&mut response, CONTENT_ENCODING, "gzip");
    }
    if text {
        response::header(&mut response, VARY, "Accept, Accept-Encoding, Cookie");
    }
    response
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = |part: &str| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        name.trim() == "gzip" && !weight.replace(' ', "").starts_with("q=0")
    };
    accepted.split(',').any(named)
}

fn pack(content: &[u8]) -> Option<Bytes> {
    let mut packed = GzEncoder::new(Vec::with_capacity(content.len() / 4), Compression::fast());
    packed.write_all(content).ok()?;
    packed.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_by_those_who_say_so() {
        let takes = |value: &str| takes_gzip(&[(ACCEPT_ENCODING, value.parse().unwrap())].into_iter().collect());
        assert!(takes("gzip") && takes("br, gzip;q=1.0, *"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn short_answers_and_files_stay_as_they_are() {
        let headers: HeaderMap = [(ACCEPT_ENCODING, "gzip".parse().unwrap())].into_iter().collect();
        let answer = |kind: &'static str, length: usize| response::with(http::StatusCode::OK, kind, "x".repeat(length));
        let encoded = |response: &Response<Body>| response.headers().contains_key(CONTENT_ENCODING);
        assert!(encoded(&compress(&headers, answer("text/html; charset=utf-8", 10_000)).await));
        assert!(!encoded(&compress(&headers, answer("text/html; charset=utf-8", 100)).await));
        assert!(!encoded(&compress(&headers, answer("application/gzip", 10_000)).await));
    }
}
