//! Refusals as pages: what went wrong, in words, and where to go from there. Nothing of the inside shows.

use askama::Template;
use http::Response;
use http::header::HeaderName;
use http::request::Parts;

use crate::model::ModuleName;
use crate::serve::error::{Kind, Refusal};
use crate::serve::origin::came_from_elsewhere;
use crate::serve::respond::{self, Body};
use crate::serve::state::State;

use super::excerpt::{MESSAGE, excerpt};
use super::sign_in;
use super::visit::{Chrome, Visit, page, wants_html};

#[derive(Template)]
#[template(path = "failure.html", config = "assets/askama.toml")]
struct FailureView {
    chrome: Chrome,
    status: u16,
    heading: &'static str,
    message: String,
    advice: &'static str,
    /// The module that was meant, perhaps.
    nearest: Option<String>,
    /// When it happened, by which it is found in the log, if it was our fault.
    at: Option<String>,
}

/// Answers a refused request as its client reads it: a page for browsers, text for everyone else.
pub(super) fn answer(state: &State, request: &Parts, refusal: &Refusal) -> Response<Body> {
    let as_text = || respond::refuse_text(refusal, &format!("{}/login", state.addresses.origin(request).url));
    if !wants_html(&request.headers) {
        return as_text();
    }
    // Whatever was wrong with the credentials, the page about it is for nobody in particular.
    let visit = Visit::new(state, request, state.pages.deadline())
        .unwrap_or_else(|_| Visit::of_nobody(state, request, state.pages.deadline()));
    let made = if refusal.kind == Kind::Unauthenticated {
        sign_in::required(&visit, &refusal.message)
    } else {
        page(refusal.kind.status(), &view(&visit, refusal))
    };
    let mut response = made.unwrap_or_else(|_| as_text());
    respond::retry_after(&mut response, refusal.kind);
    if refusal.kind == Kind::Unauthenticated && came_from_elsewhere(&request.headers) {
        // The cookie was kept back because another site led here; asking again sends it.
        respond::header(&mut response, HeaderName::from_static("refresh"), "0");
    }
    response
}

fn view(visit: &Visit<'_>, refusal: &Refusal) -> FailureView {
    let (heading, mut advice) = words(refusal.kind);
    if refusal.kind == Kind::NotFound && visit.caller.is_admin() {
        // Nothing is hidden from an administrator.
        advice = "Check the spelling, or search for it above.";
    }
    FailureView {
        chrome: visit.chrome(heading),
        status: refusal.kind.status().as_u16(),
        heading,
        message: sentence(&excerpt(&refusal.message, MESSAGE)),
        advice,
        nearest: nearest(&refusal.message).filter(|_| refusal.kind == Kind::NotFound),
        at: (refusal.kind == Kind::Internal).then(|| visit.age(visit.now).exact),
    }
}

/// The module that a message about an unknown module suggests.
fn nearest(message: &str) -> Option<String> {
    let (_, name) = message.strip_prefix("module ")?.rsplit_once("did you mean ")?;
    let name: ModuleName = name.strip_suffix('?')?.parse().ok()?;
    Some(name.to_string())
}

fn words(kind: Kind) -> (&'static str, &'static str) {
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
        Kind::Invalid | Kind::Unprocessable | Kind::Precondition => {
            ("That did not work", "Go back, change what the message names, and try again.")
        }
    }
}

/// A message as a sentence: ours start in lower case, because they stand behind a colon elsewhere.
pub(super) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_module_is_found_in_the_message() {
        assert_eq!(nearest("module a2/b3 is unknown; did you mean a2/c3?").as_deref(), Some("a2/c3"));
        assert_eq!(nearest("module a2/b3 has no package p; did you mean p.v1?"), None);
        assert_eq!(nearest("plugin a2/b3 is unknown; did you mean a2/c3?"), None);
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("module a/b is unknown; did you mean a/c?"), "Module a/b is unknown; did you mean a/c?");
        assert_eq!(sentence("try again"), "Try again.");
        assert_eq!(sentence(""), ".");
    }
}
