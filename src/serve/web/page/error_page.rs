//! Renders refusals as pages: the message, and advice. Internal details do not show.

use askama::Template;
use http::Response;
use http::header::HeaderName;
use http::request::Parts;

use crate::serve::http::error::{Kind, Refusal, Suggestion};
use crate::serve::http::origin::came_from_elsewhere;
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;

use super::excerpt::{MESSAGE, excerpt, sentence};
use super::page_request::{Chrome, PageRequest, page, wants_html};
use crate::serve::web::pages::sign_in;

#[derive(Template)]
#[template(path = "failure.html", config = "assets/askama.toml")]
struct FailureView {
    chrome: Chrome,
    status: u16,
    heading: &'static str,
    message: String,
    advice: &'static str,
    /// The suggested module.
    nearest: Option<String>,
    /// The time of an internal error, to find it in the log.
    at: Option<String>,
}

/// The response to a refused request: a page for browsers, text for other clients.
pub(in crate::serve::web) fn answer(state: &State, request: &Parts, refusal: &Refusal) -> Response<Body> {
    let as_text = || response::refuse_text(refusal, &format!("{}/login", state.addresses.origin(request).url));
    if !wants_html(&request.headers) {
        return as_text();
    }
    // If the credentials are not valid, the page is rendered for an anonymous caller.
    let visit = PageRequest::new(state, request, state.pages.deadline())
        .unwrap_or_else(|_| PageRequest::of_nobody(state, request, state.pages.deadline()));
    let made = if refusal.kind == Kind::Unauthenticated {
        sign_in::required(&visit, &refusal.message)
    } else {
        page(refusal.kind.status(), &view(&visit, refusal))
    };
    let mut response = made.unwrap_or_else(|_| as_text());
    response::retry_after(&mut response, refusal.kind);
    if refusal.kind == Kind::Unauthenticated && came_from_elsewhere(&request.headers) {
        // The browser did not send the cookie because of a link of another site; a reload sends it.
        response::header(&mut response, HeaderName::from_static("refresh"), "0");
    }
    response
}

fn view(visit: &PageRequest<'_>, refusal: &Refusal) -> FailureView {
    let (heading, mut advice) = title_and_advice(refusal.kind);
    if refusal.kind == Kind::NotFound && visit.caller.is_admin() {
        // An administrator sees all modules, so the module is not private.
        advice = "Check the spelling, or search for it above.";
    }
    FailureView {
        chrome: visit.chrome(heading),
        status: refusal.kind.status().as_u16(),
        heading,
        message: sentence(&excerpt(&refusal.message, MESSAGE)),
        advice,
        nearest: suggested_module(refusal),
        at: (refusal.kind == Kind::Internal).then(|| visit.age(visit.now).exact),
    }
}

fn suggested_module(refusal: &Refusal) -> Option<String> {
    match &refusal.suggestion {
        Some(Suggestion::Module(name)) => Some(name.to_string()),
        Some(Suggestion::Owner(_)) | None => None,
    }
}

fn title_and_advice(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::NotFound => ("Not found", "It may be private: sign in with a token that may read it."),
        Kind::Forbidden => ("Not allowed", "Ask an administrator of the owner, or sign in with another token."),
        Kind::Misdirected => ("Another address", "Open this registry under an address that it knows as its own."),
        Kind::TooLarge => ("Too large", "Send less; whoever runs this registry knows its limits."),
        Kind::TooMany => ("Too many at once", "Others are before you; come back in a few minutes."),
        Kind::Busy | Kind::Unavailable | Kind::Late => ("Not now", "Try again in a moment."),
        Kind::Full => ("No room left", "Whoever runs this registry has to make room; reading works as before."),
        Kind::Internal => ("Our fault", "Nothing was changed. If it happens again, tell whoever runs this registry."),
        Kind::AlreadyExists => ("There already", "Choose another name, or use what is there."),
        Kind::Unauthenticated => ("Sign in", ""),
        Kind::Invalid | Kind::Unprocessable | Kind::Precondition | Kind::Unimplemented => {
            ("That did not work", "Go back, change what the message names, and try again.")
        }
    }
}
