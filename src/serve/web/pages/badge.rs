//! Badges for READMEs: the newest commit of a module, or the newest version of a crate, as a picture.

use askama::Template;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{Response, StatusCode};

use crate::actions::access::{readable_module, require_needs};
use crate::model::CrateName;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::params::Params;

/// The width of a character in tenths of a pixel, and the space beside a text in pixels.
const CHARACTER: usize = 64;
const MARGIN: usize = 6;

/// The most characters of a text; the widths of all names that people give fit.
const MAX_TEXT: usize = 80;

#[derive(Template)]
#[template(path = "badge.svg", config = "assets/askama.toml")]
struct BadgeView {
    left: String,
    right: String,
}

impl BadgeView {
    fn left_width(&self) -> usize {
        width(&self.left)
    }

    fn right_width(&self) -> usize {
        width(&self.right)
    }
}

fn width(text: &str) -> usize {
    text.chars().count() * CHARACTER / 10 + 2 * MARGIN
}

/// `/badge/{owner}/{module}.svg`: the head of the default label.
pub(in crate::serve::web) fn module(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let module = visit.module(params.get("owner"), picture(params.get("file"))?)?;
    let head = visit.store().label(module.id, &module.default_label)?;
    let right = head.map_or_else(|| "nothing pushed".to_owned(), |head| head.commit.short().to_string());
    badge(module.name.to_string(), right)
}

/// `/badge/{crate}.svg`: its newest version that is not yanked.
pub(in crate::serve::web) fn of_crate(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let text = picture(params.get("owner"))?;
    let unknown = || Refusal::not_found(format!("there is no crate {text}"));
    let name: CrateName = text.parse().map_err(|_| unknown())?;
    let module = readable_module(visit.store(), &visit.caller, name.module())?.ok_or_else(unknown)?;
    let versions = visit.store().sdks_of_crate(module.id, &name)?;
    let newest = versions.into_iter().filter(|sdk| !sdk.yanked).max_by(|one, other| one.version.cmp(&other.version));
    let newest = newest.ok_or_else(unknown)?;
    require_needs(visit.store(), &visit.caller, name.module(), newest.key.commit)?;
    badge(name.plugin().to_string(), newest.version.to_string())
}

fn picture(file: &str) -> Answer<&str> {
    file.strip_suffix(".svg")
        .ok_or_else(|| Refusal::not_found("badges are at /badge/OWNER/MODULE.svg and /badge/CRATE.svg"))
}

fn badge(left: String, right: String) -> Answer<Response<Body>> {
    let short = |text: String| text.chars().take(MAX_TEXT).collect();
    let view = BadgeView { left: short(left), right: short(right) };
    let svg = view.render().map_err(|error| Refusal::internal(&error))?;
    let mut response = response::with(StatusCode::OK, "image/svg+xml", svg);
    // It is another picture after the next push, and for another reader.
    response::header(&mut response, CACHE_CONTROL, "private, no-cache");
    response::header(&mut response, CONTENT_SECURITY_POLICY, "default-src 'none'");
    Ok(response)
}
