//! Faults that `--fault` asks for, so that tests of other programs can see how these react.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http_body_util::{BodyExt as _, Either, Full};

use super::error::Refusal;
use super::response::Body;

/// How long a slow download is waited for.
const SLOW: Duration = Duration::from_secs(3);

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FaultKind {
    /// A page of the index is answered with status 503.
    Index503,
    /// A crate comes three seconds late.
    DownloadSlow,
    /// The last byte of a crate is another.
    DownloadCorrupt,
    /// A token is refused as one that expired.
    TokenExpired,
}

impl FaultKind {
    const ALL: [(&'static str, Self); 4] = [
        ("index-503", Self::Index503),
        ("download-slow", Self::DownloadSlow),
        ("download-corrupt", Self::DownloadCorrupt),
        ("token-expired", Self::TokenExpired),
    ];
}

/// A fault of the first requests to which it can apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    times: u32,
}

impl FromStr for Fault {
    type Err = String;

    /// `KIND`, for one request, or `KIND=N`, for the first N.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, times) = text.split_once('=').unwrap_or((text, "1"));
        let kind = FaultKind::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
        let names = FaultKind::ALL.map(|(name, _)| name).join(", ");
        let kind = kind.ok_or_else(|| format!("{name:?} is no fault; these are: {names}"))?;
        let times = times.parse().map_err(|_| format!("{times:?} is no number of requests"))?;
        Ok(Self { kind, times })
    }
}

/// The faults that are still to come. None applies to a request before [`Faults::begin`].
#[derive(Debug, Default)]
pub struct Faults {
    left: Vec<(FaultKind, AtomicU32)>,
    begun: AtomicBool,
}

impl Faults {
    /// These faults.
    #[must_use]
    pub fn new(faults: &[Fault]) -> Self {
        let left = faults.iter().map(|fault| (fault.kind, AtomicU32::new(fault.times))).collect();
        Self { left, begun: AtomicBool::new(false) }
    }

    /// From now on they apply to requests.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// The refusal of a request with this head, if its token is to be one that expired.
    pub(in crate::serve) fn of_token(&self, parts: &Parts) -> Option<Refusal> {
        let applies = parts.headers.contains_key(AUTHORIZATION) && self.applies(FaultKind::TokenExpired);
        applies.then(|| Refusal::unauthenticated("the token expired, because a test asked for that (--fault)"))
    }

    /// The refusal of a request for a page of the index, if it is to fail.
    pub(in crate::serve) fn of_index(&self) -> Option<Refusal> {
        self.applies(FaultKind::Index503)
            .then(|| Refusal::unavailable("the index is unavailable, because a test asked for that (--fault)"))
    }

    /// The response with a crate, late or damaged if it is to be.
    pub(in crate::serve) async fn of_download(&self, response: http::Response<Body>) -> http::Response<Body> {
        if self.applies(FaultKind::DownloadSlow) {
            tokio::time::sleep(SLOW).await;
        }
        if !response.status().is_success() || !self.applies(FaultKind::DownloadCorrupt) {
            return response;
        }
        let (parts, body) = response.into_parts();
        let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        http::Response::from_parts(parts, Either::Left(Full::new(damaged(&whole))))
    }

    /// Whether the fault applies to this request.
    fn applies(&self, kind: FaultKind) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.begun.load(Ordering::Relaxed)
            && self.left.iter().any(|(of, left)| {
                *of == kind && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
            })
    }
}

fn damaged(whole: &[u8]) -> Bytes {
    let mut bytes = BytesMut::from(whole);
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_applies_to_as_many_requests_as_were_asked_for() {
        let faults = Faults::new(&["index-503=2".parse().unwrap()]);
        assert!(faults.of_index().is_none(), "not begun");
        faults.begin();
        assert_eq!([0; 3].map(|_| faults.of_index().is_some()), [true, true, false]);
        assert!(!faults.applies(FaultKind::DownloadSlow));
    }

    #[test]
    fn what_is_no_fault_is_told_which_there_are() {
        let error = "index-500".parse::<Fault>().unwrap_err();
        assert!(error.ends_with("these are: index-503, download-slow, download-corrupt, token-expired"), "{error}");
        assert!("index-503=x".parse::<Fault>().is_err());
    }
}
