//! The help page: the first commands, the search, and badges.

use askama::Template;
use http::Response;

use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};

#[derive(Template)]
#[template(path = "help.html", config = "assets/askama.toml")]
struct HelpView {
    chrome: Chrome,
    url: String,
}

/// `/help`.
pub(in crate::serve::web) fn help(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    ok(&HelpView { chrome: visit.chrome("Help"), url: visit.url().to_owned() })
}
