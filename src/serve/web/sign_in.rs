//! Signing in with a token, and out again.

use askama::Template;
use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};

use crate::model::TokenSecret;
use crate::serve::error::{Answer, Kind, Refusal};
use crate::serve::respond::{self, Body};

use super::failure::sentence;
use super::form::Fields;
use super::link::local;
use super::session::{self, fits_cookie};
use super::visit::{Chrome, Visit, page, see_other, with_cookie};

#[derive(Template)]
#[template(path = "sign_in.html", config = "assets/askama.toml")]
struct SignInView {
    chrome: Chrome,
    /// Why one has to sign in, or why it did not work.
    message: String,
    /// Where to go afterwards.
    next: String,
    url: String,
}

fn view(visit: &Visit<'_>, message: &str, next: &str) -> SignInView {
    let message = if message.is_empty() { String::new() } else { sentence(message) };
    SignInView { chrome: visit.chrome("Sign in"), message, next: next.into(), url: visit.url.clone() }
}

/// The form.
pub(super) fn form(visit: &Visit<'_>) -> Answer<Response<Body>> {
    let next = local(visit.query.get("next")).unwrap_or_else(|| "/".into());
    page(StatusCode::OK, &view(visit, "", &next))
}

/// The form in place of a page that only users see; it leads back there.
pub(super) fn required(visit: &Visit<'_>, message: &str) -> Answer<Response<Body>> {
    let next = local(&visit.target).unwrap_or_else(|| "/".into());
    page(StatusCode::UNAUTHORIZED, &view(visit, message, &next))
}

/// Signs in.
pub(super) fn enter(visit: &Visit<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let next = local(fields.get("next")).unwrap_or_else(|| "/".into());
    let pasted = fields.get("token");
    // People copy what they find, and what they find often is the whole value of the header.
    let token = pasted.strip_prefix("Bearer ").unwrap_or(pasted).trim();
    let secret = TokenSecret::presented(token).filter(fits_cookie);
    let checked = match &secret {
        Some(secret) => visit.state.auth.holder(secret).map_err(Refusal::from),
        None => Err(Refusal::unauthenticated("this is no token; tokens start with reg_ and hold no spaces")),
    };
    match checked {
        Ok(_) => {
            let cookie = session::set_cookie(secret.as_ref(), visit.url.starts_with("https://"));
            Ok(with_cookie(see_other(&next), &cookie))
        }
        Err(refusal) if refusal.kind == Kind::Unauthenticated => {
            page(StatusCode::UNAUTHORIZED, &view(visit, &refusal.message, &next))
        }
        Err(refusal) => Err(refusal),
    }
}

/// Signs out.
pub(super) fn leave(visit: &Visit<'_>) -> Response<Body> {
    let cookie = session::set_cookie(None, visit.url.starts_with("https://"));
    let mut response = with_cookie(see_other("/"), &cookie);
    respond::header(&mut response, CACHE_CONTROL, "no-store");
    response
}
