//! Index pages, ready to send.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::model::{ModuleId, OwnerId, Sha256Digest};
use crate::publish::ChangeCounter;
use crate::serve::http::response::Body;
use crate::store::Sdk;

/// The bytes of index pages in the cache.
const CACHE_BYTES: u64 = 64 << 20;

/// The expected number of pages in the cache.
const CACHE_PAGES: usize = 4096;

/// The index page of a crate.
pub(super) struct IndexPage {
    /// Other owners whose private modules these crates depend on.
    pub needs: Vec<OwnerId>,
    /// The count of changes when the page was read. The page is stale when the module has changed since.
    pub count: u64,
    body: Bytes,
    etag: HeaderValue,
}

impl IndexPage {
    /// The page that lists `sdks`, one line each.
    pub(super) fn new(needs: Vec<OwnerId>, count: u64, sdks: &[Sdk]) -> Self {
        let mut body = String::new();
        for sdk in sdks {
            body += &line(sdk);
            body.push('\n');
        }
        let digest = Sha256Digest::of(body.as_bytes()).to_string();
        let etag = HeaderValue::from_str(&format!("\"{}\"", &digest[..32]));
        let etag = etag.unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { needs, count, body: body.into(), etag }
    }

    /// The response to a request with these headers: the page, or 304 when the client has it.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response<Body> {
        let known = headers.get(IF_NONE_MATCH).is_some_and(|known| names_etag(known, &self.etag));
        let body = if known { Bytes::new() } else { self.body.clone() };
        let mut response = Response::new(Either::Left(Full::new(body)));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(ETAG, self.etag.clone());
        response
    }
}

/// The published index line, with the present `yanked` flag, and the time of publication, which cargo compares with the
/// age that a user demands (`pubtime`: <https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema>).
fn line(sdk: &Sdk) -> String {
    let mut line = if sdk.yanked { yanked(&sdk.index_line) } else { sdk.index_line.clone() };
    // The published line is an object with members, so one more fits before its end.
    if line.pop() == Some('}') {
        line += &format!(",\"pubtime\":\"{}\"}}", sdk.created);
    }
    line
}

fn yanked(index_line: &str) -> String {
    let Ok(mut line) = serde_json::from_str::<serde_json::Value>(index_line) else { return index_line.to_owned() };
    line["yanked"] = true.into();
    line.to_string()
}

/// Whether an `If-None-Match` header names `etag`: cargo sends one tag, proxies may send several or weak ones.
pub(super) fn names_etag(header: &HeaderValue, etag: &HeaderValue) -> bool {
    if header == etag {
        return true;
    }
    let (Ok(header), Ok(etag)) = (header.to_str(), etag.to_str()) else { return false };
    header.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
}

#[derive(Clone)]
struct Bodies;

impl Weighter<Key, Arc<IndexPage>> for Bodies {
    fn weight(&self, key: &Key, page: &Arc<IndexPage>) -> u64 {
        (key.1.len() + page.body.len() + 512) as u64
    }
}

/// The module, and the requested path.
type Key = (ModuleId, Box<str>);

/// Pages by module and path.
pub(in crate::serve) struct IndexCache(Cache<Key, Arc<IndexPage>, Bodies>);

impl Default for IndexCache {
    fn default() -> Self {
        Self(Cache::with_weighter(CACHE_PAGES, CACHE_BYTES, Bodies))
    }
}

impl IndexCache {
    /// The page of `module` for `path`, unless the module has changed since it was read.
    pub(super) fn get(&self, module: ModuleId, path: &str, changes: &ChangeCounter) -> Option<Arc<IndexPage>> {
        self.0.get(&(module, path.into())).filter(|page| changes.is_current(module, page.count))
    }

    /// How often a page was in the cache, stale ones too, and how often not.
    pub(in crate::serve) fn hits_and_misses(&self) -> (u64, u64) {
        (self.0.hits(), self.0.misses())
    }

    pub(super) fn insert(&self, module: ModuleId, path: &str, page: Arc<IndexPage>) {
        self.0.insert((module, path.into()), page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_page_is_recognised_in_every_spelling() {
        let etag = HeaderValue::from_static("\"abc\"");
        for known in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert!(names_etag(&HeaderValue::from_str(known).unwrap(), &etag), "{known}");
        }
        assert!(!names_etag(&HeaderValue::from_static("\"abcd\""), &etag));
    }
}
