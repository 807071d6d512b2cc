//! Parsers of cargo's requests, for `tests/fuzz`.

use http::HeaderValue;

use super::index_page::names_etag;
use crate::model::CrateName;
use crate::model::index_path as path_of;

/// An index path; the index path of a crate leads back to its name.
pub(crate) fn index_path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(path) = path_of(text) {
        assert!(path.ends_with(&text.to_ascii_lowercase()), "{text:?} is at {path:?}");
    }
    if let Ok(name) = text.parse::<CrateName>() {
        assert!(
            path_of(&name.to_string()).is_some_and(|path| !path.contains("..") && !path.starts_with('/')),
            "{text:?}"
        );
    }
}

/// An `If-None-Match`, and the tag of a page.
pub(crate) fn conditional_headers(data: &[u8]) {
    let own = HeaderValue::from_static("\"0123456789abcdef0123456789abcdef\"");
    let Ok(header) = HeaderValue::from_bytes(data) else { return };
    let text = String::from_utf8_lossy(data);
    let can = text.contains('*') || text.contains("0123456789abcdef0123456789abcdef");
    assert!(can || !names_etag(&header, &own), "{text:?} does not name the tag");
    assert!(names_etag(&own, &own) && names_etag(&header, &header));
}
