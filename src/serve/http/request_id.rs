//! The id of a request, which stands in the log and in the response's `x-request-id`, so that a user can name the
//! request that failed.

use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::origin::Addresses;
use crate::publish::new_ids;

/// The header of requests from proxies, and of responses.
pub(in crate::serve) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of a proxy's id; a longer one is replaced.
const LONGEST: usize = 128;

/// The beginning of the ids of this process, so that those of two processes differ.
static PROCESS: LazyLock<String> = LazyLock::new(|| new_ids::token().to_string().chars().take(12).collect());

/// The number of requests so far.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The id of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a trusted proxy gave the request, else a new one. Clients choose none: it is written into the log.
    pub(in crate::serve) fn of(request: &Parts, addresses: &Addresses) -> Self {
        let given = request.headers.get(HEADER).filter(|id| is_plain(id) && addresses.is_from_proxy(request));
        given.map_or_else(Self::new, |id| Self(id.clone()))
    }

    fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = HeaderValue::try_from(format!("{}-{number:x}", *PROCESS));
        Self(id.unwrap_or_else(|_| HeaderValue::from_static("none")))
    }

    /// The value of the response's header.
    pub(in crate::serve) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// Whether the log can hold an id as it is.
fn is_plain(id: &HeaderValue) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_are_plain() {
        let (one, other) = (RequestId::new(), RequestId::new());
        assert!(one != other && is_plain(&one.header()));
    }

    #[test]
    fn an_id_that_would_blur_the_log_is_not_plain() {
        let plain = |text: &str| is_plain(&HeaderValue::from_str(text).unwrap());
        assert!(plain("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert!(!plain("") && !plain("a b") && !plain("a\"b") && !plain(&"a".repeat(129)));
    }
}
