//! Signs users in with a token, and out. After many failures, a client must wait. Each attempt is logged, and recorded
//! in the audit log.

pub(in crate::serve::web) mod attempts;

use std::fmt::Display;

use askama::Template;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::actions::sessions;
use crate::model::TokenSecret;
use crate::serve::http::error::{Answer, Kind, Refusal};
use crate::serve::http::response::{self, Body};
use crate::store::{Owner, Token};

use crate::serve::web::page::excerpt::sentence;
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::link::local;
use crate::serve::web::page::page_request::{Chrome, PageRequest, page, see_other, with_cookie};
use crate::serve::web::page::session;
use attempts::AttemptCounter;

/// The most failures of everybody in one window that the audit log records, so that they cannot fill the store.
const MOST_AUDITED: u64 = 1000;

#[derive(Template)]
#[template(path = "sign_in.html", config = "assets/askama.toml")]
struct SignInView {
    chrome: Chrome,
    /// Why a sign-in is needed, or why it failed.
    message: String,
    /// The path to go to afterwards.
    next: String,
}

fn view(visit: &PageRequest<'_>, message: &str, next: &str) -> SignInView {
    let message = if message.is_empty() { String::new() } else { sentence(message) };
    SignInView { chrome: visit.chrome("Sign in"), message, next: next.into() }
}

/// The form.
pub(in crate::serve::web) fn form(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let next = local(visit.query.get("next")).unwrap_or_else(|| "/".into());
    page(StatusCode::OK, &view(visit, "", &next))
}

/// The sign-in form in place of a page that only users see; it leads back to that page.
pub(in crate::serve::web) fn required(visit: &PageRequest<'_>, message: &str) -> Answer<Response<Body>> {
    let next = local(&visit.target).unwrap_or_else(|| "/".into());
    page(StatusCode::UNAUTHORIZED, &view(visit, message, &next))
}

/// Handles the sign-in form.
pub(in crate::serve::web) fn enter(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let network = AttemptCounter::Network(visit.origin.network());
    if let Some(seconds) = wait(visit, network) {
        return later(visit, fields, "sign-ins from your address failed", seconds);
    }
    let (token, user) = match pasted_token(visit, fields.get("token")) {
        Ok(found) => found,
        Err(refusal) if refusal.kind == Kind::Unauthenticated => {
            visit.state.attempts.count(network, visit.now);
            note_refused(visit, &refusal)?;
            return page(StatusCode::UNAUTHORIZED, &view(visit, &refusal.message, &next(fields)));
        }
        Err(refusal) => return Err(refusal),
    };
    if let Some(seconds) = wait(visit, AttemptCounter::User(user.id)) {
        return later(visit, fields, "sign-ins of this user were made", seconds);
    }
    visit.state.attempts.count(AttemptCounter::User(user.id), visit.now);
    let session = sessions::begin(&visit.actor(), &token, &user)?;
    tracing::info!(user = %user.name, client = %visit.origin.client, token = %token.id, "signed in");
    Ok(with_cookie(see_other(&next(fields)), &session::set_cookie(Some(&session), &visit.origin)))
}

fn next(fields: &Fields) -> String {
    local(fields.get("next")).unwrap_or_else(|| "/".into())
}

/// The token that was pasted, and its user.
fn pasted_token(visit: &PageRequest<'_>, pasted: &str) -> Answer<(Token, Owner)> {
    // Users often paste the whole value of the header.
    let token = pasted.strip_prefix("Bearer ").unwrap_or(pasted).trim();
    let no_token = || Refusal::unauthenticated("this is not a token; tokens start with reg_ and hold no spaces");
    let secret = TokenSecret::presented(token).ok_or_else(no_token)?;
    Ok(visit.state.auth.token(&secret)?)
}

fn wait(visit: &PageRequest<'_>, whose: AttemptCounter) -> Option<i64> {
    visit.state.attempts.wait(whose, visit.state.sign_in_attempts, visit.now)
}

/// Refuses a sign-in after too many attempts; `which` describes them.
fn later(visit: &PageRequest<'_>, fields: &Fields, which: &str, seconds: i64) -> Answer<Response<Body>> {
    tracing::warn!(client = %visit.origin.client, seconds, "a sign-in has to wait: too many {which}");
    let most = visit.state.sign_in_attempts;
    let refusal = Refusal::too_many(format!(
        "more than {most} {which} in ten minutes; try again in {seconds} seconds (`registry serve --sign-in-attempts` \
         allows more)"
    ));
    let mut response = page(refusal.kind.status(), &view(visit, &refusal.message, &next(fields)))?;
    response::header(&mut response, RETRY_AFTER, &seconds.to_string());
    Ok(response)
}

fn note_refused(visit: &PageRequest<'_>, reason: &dyn Display) -> Answer<()> {
    tracing::warn!(client = %visit.origin.client, %reason, "a sign-in was refused");
    if visit.state.attempts.count(AttemptCounter::Failed, visit.now) > MOST_AUDITED {
        return Ok(());
    }
    Ok(sessions::refused(&visit.actor(), &reason.to_string())?)
}

/// Signs out: ends the session, and removes the cookie.
pub(in crate::serve::web) fn leave(visit: &PageRequest<'_>, request: &Parts) -> Answer<Response<Body>> {
    if let Some(secret) = session::cookie_secret(&request.headers, &visit.origin)
        && sessions::end(&visit.actor(), &secret)?
    {
        let user = visit.caller.user();
        tracing::info!(user = user.map(|user| user.name.as_str()), client = %visit.origin.client, "signed out");
    }
    let mut response = with_cookie(see_other("/"), &session::set_cookie(None, &visit.origin));
    response::header(&mut response, CACHE_CONTROL, "no-store");
    Ok(response)
}
