//! Views of the index, at `/gen/cargo/@VIEW/`, where a project resolves as if something were otherwise.
//!
//! `@LABEL` is the index in which the head of that label is the newest release of its module: see [`label`].
//! `@2026-11-01` is the index as of the end of that day (UTC), and `@2026-11-01T12:00:00Z` as of that second: it lists
//! what was published by then, so what it resolves to does not change any more once that moment has passed. Only what is
//! yanked follows the present. It makes no crates. A label that is called like a day is not reached.

mod label;
mod readable_page;

use http::Response;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use tokio::task::block_in_place;

use crate::actions::Caller;
use crate::model::{LabelName, Timestamp};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;

use super::index_page::IndexPage;
use super::{config_with, crate_lookup, index, login_url, reader};
use readable_page::readable_page;

/// A path in a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) struct View<'a> {
    /// Which view, as it stands in the path.
    name: &'a str,
    /// The path below it.
    path: &'a str,
}

impl<'a> View<'a> {
    /// The view that `path`, below `/gen/cargo/`, is in.
    pub(in crate::serve) fn of_path(path: &'a str) -> Option<Self> {
        let (name, path) = path.strip_prefix('@')?.split_once('/')?;
        Some(Self { name, path })
    }
}

/// What a view changes.
enum Kind {
    /// The head of this label is the newest release.
    Label(LabelName),
    /// What was published from this moment on is not there.
    Before(Timestamp),
}

/// The kind of the view of this name. Slashes in the name of a label are escaped in a path.
fn kind(name: &str) -> Answer<Kind> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    if let Some(end) = Timestamp::end_of(&name) {
        return Ok(Kind::Before(end));
    }
    match name.parse() {
        Ok(label) if !looks_like_a_day(&name) => Ok(Kind::Label(label)),
        _ => Err(Refusal::unprocessable(format!(
            "@{name} is no view of this index; name a label (@next), a day (@2026-11-01) or a time \
             (@2026-11-01T12:00:00Z)"
        ))),
    }
}

/// Whether this was meant as a day: a label of that name would be the whole index, without a word.
fn looks_like_a_day(name: &str) -> bool {
    name.len() == 10
        && name.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// The response to a request in a view.
pub(in crate::serve) async fn answer_in_view(state: &State, request: &Parts, view: View<'_>) -> Response<Body> {
    match try_answer(state, request, view).await {
        Ok(response) => response,
        Err(refusal) => response::refuse_text(&refusal, &login_url(state, request)),
    }
}

async fn try_answer(state: &State, request: &Parts, view: View<'_>) -> Answer<Response<Body>> {
    let kind = kind(view.name)?;
    if view.path == "config.json" {
        // The crates of a day are those of the index, byte for byte.
        let downloads = if matches!(kind, Kind::Label(_)) { format!("/@{}", view.name) } else { String::new() };
        return Ok(config_with(state, request, &downloads));
    }
    let caller = reader(state, &request.headers)?;
    match (&kind, download_of(view.path)) {
        (Kind::Label(label), Some((name, version))) => {
            block_in_place(|| label::download(state, request, &caller, label, name, version))
        }
        (_, Some(_)) => Err(Refusal::not_found("crates of a day are downloaded as its config.json says")),
        (Kind::Label(label), None) => {
            let page = label::page(state, &caller, label, view.path).await?;
            Ok(page.answer(&request.headers))
        }
        (Kind::Before(end), None) => Ok(block_in_place(|| as_of(state, &caller, *end, view))?.answer(&request.headers)),
    }
}

/// Crate and version of `api/v1/crates/CRATE/VERSION/download`.
fn download_of(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("api/v1/crates/")?.strip_suffix("/download")?.split_once('/')
}

fn as_of(state: &State, caller: &Caller, end: Timestamp, view: View<'_>) -> Answer<IndexPage> {
    let named = crate_lookup::meaning(state, caller, view.path, || index::find(state, caller, view.path))?;
    let mut sdks = state.store().sdks_of_crate(named.module.id, &named.name)?;
    sdks.retain(|sdk| sdk.created < end);
    if sdks.is_empty() {
        return Err(Refusal::unprocessable(format!("{} had no versions as of {}", named.name, view.name)));
    }
    readable_page(state, caller, &named, sdks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_a_label_or_a_time() {
        let label = |name: &str| match kind(name).unwrap() {
            Kind::Label(label) => label.to_string(),
            Kind::Before(end) => format!("before {end}"),
        };
        assert_eq!(label("next"), "next");
        assert_eq!(label("release%2F1.0"), "release/1.0");
        assert_eq!(label("2026-11-01"), "before 2026-11-02T00:00:00Z");
        assert_eq!(label("2026-11-01T12:00:00Z"), "before 2026-11-01T12:00:01Z");
        assert!(kind("").is_err() && kind("2026-13-01").is_err() && kind("2026-11-01T25:00:00Z").is_err());
    }

    #[test]
    fn paths_in_views_are_told_from_those_of_the_index() {
        let view = View::of_path("@next/ac/me/acme_pets").unwrap();
        assert_eq!(view, View { name: "next", path: "ac/me/acme_pets" });
        assert_eq!(View::of_path("ac/me/acme_pets"), None);
        assert_eq!(download_of("api/v1/crates/a/1.0.0/download"), Some(("a", "1.0.0")));
        assert_eq!(download_of("ac/me/acme_pets"), None);
    }
}
