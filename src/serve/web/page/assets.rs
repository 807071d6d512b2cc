//! The embedded style sheet, script and icon. Their names change with their content, so browsers can cache them for
//! good.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};

use super::favicon;
use crate::model::Sha256Digest;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};

/// A file that pages refer to.
pub(in crate::serve::web) struct Asset {
    /// Its path, `/assets/registry-0123456789ab.css`.
    pub path: String,
    content_type: &'static str,
    content: &'static [u8],
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, content: &'static [u8]) -> Self {
        let digest = Sha256Digest::of(content).to_string();
        let hash: String = digest.chars().filter(char::is_ascii_hexdigit).take(12).collect();
        Self { path: format!("/assets/{stem}-{hash}.{ending}"), content_type, content }
    }
}

/// The style sheet of all pages.
pub(in crate::serve::web) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_bytes!("../../../../assets/css/registry.css");
    Asset::new("registry", "css", "text/css; charset=utf-8", content)
});

/// The script of all pages; they are complete without it.
pub(in crate::serve::web) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_bytes!("../../../../assets/js/registry.js");
    Asset::new("registry", "js", "text/javascript; charset=utf-8", content)
});

/// The icon in the browser's tab.
pub(in crate::serve::web) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../../../../assets/css/icon.svg")));

/// What crawlers leave alone: copies of what other pages show, and what is about the reader.
const ROBOTS: &str = "User-agent: *
Disallow: /admin
Disallow: /gen/
Disallow: /login
Disallow: /oauth2/
Disallow: /search
Disallow: /settings
Disallow: /*/*/archive/
Disallow: /*/*/compare
Disallow: /*/*/descriptor/
Disallow: /*/*/raw/
";

static FAVICON: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(favicon::ico()));

/// `/robots.txt`.
pub(in crate::serve::web) fn robots() -> Response<Body> {
    response::with(StatusCode::OK, "text/plain; charset=utf-8", ROBOTS)
}

/// `/favicon.ico`, for programs that do not read the pages' own link.
pub(in crate::serve::web) fn favicon() -> Response<Body> {
    let mut response = response::with(StatusCode::OK, "image/vnd.microsoft.icon", FAVICON.clone());
    response::header(&mut response, CACHE_CONTROL, "public, max-age=86400");
    response
}

/// The response with the asset of this name.
///
/// # Errors
/// When there is none: mostly because another version of the program rendered the page.
pub(in crate::serve::web) fn serve(name: &str) -> Answer<Response<Body>> {
    let wanted = |asset: &&Asset| asset.path.strip_prefix("/assets/") == Some(name);
    let asset = [&*STYLE, &*SCRIPT, &*ICON].into_iter().find(wanted);
    let asset = asset.ok_or_else(|| Refusal::not_found(format!("there is no asset {name}; reload the page")))?;
    let mut response = response::with(StatusCode::OK, asset.content_type, Bytes::from_static(asset.content));
    response::header(&mut response, CACHE_CONTROL, "public, max-age=31536000, immutable");
    Ok(response)
}
