//! The list below the search box, which follows what is typed.

use askama::Template;
use http::Response;

use crate::actions::search::search as find;
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::serve::web::page::emphasis::emphasis;
use crate::serve::web::page::page_request::{PageRequest, ok};

use super::{Hit, sections};

/// The most results of each kind that are found, and the most of all that are listed.
const OF_EACH: u32 = 5;
const LISTED: usize = 9;

/// Options of a list box, without the frame of a page.
#[derive(Template)]
#[template(path = "suggestions.html", config = "assets/askama.toml")]
struct SuggestionsView {
    hits: Vec<Hit>,
}

/// `/search/suggestions?q=…`.
pub(in crate::serve::web) fn suggestions(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let query = visit.query.get("q").trim();
    let mut found = find(&visit.actor(), query, OF_EACH)?;
    let modules = std::mem::take(&mut found.modules).into_iter().map(|module| Hit {
        kind: "module",
        name: emphasis(&module.name.to_string(), query),
        comment: String::new(),
        place: String::new(),
        href: format!("/{}", module.name),
    });
    let others = sections(found, query).into_iter().flat_map(|section| section.hits);
    ok(&SuggestionsView { hits: modules.chain(others).take(LISTED).collect() })
}
