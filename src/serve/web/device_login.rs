//! `buf registry login` through the browser: the endpoints that the program calls, and the page where a person
//! approves. The shapes are those of RFC 7591 and RFC 8628.

use askama::Template;
use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::model::{Scope, Timestamp};
use crate::publish::ids;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::{self, Body};

use super::devices::{INTERVAL, LIVES_FOR, Outcome};
use super::form::Fields;
use super::visit::{Chrome, Visit, ok};
use super::{sign_in, tokens};

/// How long a token lives that a device got, in days.
const TOKEN_DAYS: i64 = 365;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

#[derive(Template)]
#[template(path = "device.html", config = "assets/askama.toml")]
struct DeviceView {
    chrome: Chrome,
    user_code: String,
    known: bool,
    may_write: bool,
    /// What was decided, if it was.
    decided: Option<&'static str>,
}

/// Registers a client. Nothing is kept of it: every program may start a login, a person has to approve it. `buf` takes
/// 200 alone, although RFC 7591 says 201.
pub(super) fn registration(visit: &Visit<'_>) -> Answer<Response<Body>> {
    let id = ids::token().to_string();
    Ok(answer(StatusCode::OK, &json!({ "client_id": id, "client_id_issued_at": visit.now.as_seconds() })))
}

/// Starts a login.
pub(super) fn authorization(visit: &Visit<'_>) -> Answer<Response<Body>> {
    let new = || ids::secret().map_err(|error| Refusal::internal(&error));
    let (device, random) = (new()?, new()?);
    let Some(code) = visit.state.devices.start(device.reveal(), random.reveal(), visit.now) else {
        return Err(Refusal::too_many("too many logins are waiting for approval; try again in a few minutes"));
    };
    let page = format!("{}/login/device", visit.url);
    let body = json!({
        "device_code": device.reveal(),
        "user_code": code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={code}"),
        "expires_in": LIVES_FOR,
        "interval": INTERVAL,
    });
    Ok(answer(StatusCode::OK, &body))
}

/// Tells the program whether its login was approved.
pub(super) fn token(visit: &Visit<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let error = |word: &str, description: &str| {
        Ok(answer(StatusCode::BAD_REQUEST, &json!({ "error": word, "error_description": description })))
    };
    if fields.get("grant_type") != GRANT {
        return error("unsupported_grant_type", "only logins of devices are answered here");
    }
    match visit.state.devices.ask(fields.get("device_code"), visit.now) {
        Outcome::Pending => error("authorization_pending", "nobody has decided yet"),
        Outcome::SlowDown => error("slow_down", "this was asked a moment ago"),
        Outcome::Denied => error("access_denied", "the login was denied in the browser"),
        Outcome::Expired => error("expired_token", "the login has ended; start it again"),
        Outcome::Approved(secret) => {
            let body = json!({ "access_token": secret.reveal(), "token_type": "Bearer" });
            Ok(answer(StatusCode::OK, &body))
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = respond::json(status, body);
    respond::header(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// `/login/device`: asks the person.
pub(super) fn page(visit: &Visit<'_>) -> Answer<Response<Body>> {
    if visit.caller.user().is_none() {
        return sign_in::required(visit, "sign in first; then you can approve the login of the program");
    }
    show(visit, typed(visit.query.get("user_code")), None)
}

/// The code as we write it, whatever the person typed.
fn typed(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let letters = letters.to_ascii_uppercase();
    if letters.len() == 8 { format!("{}-{}", &letters[..4], &letters[4..]) } else { letters }
}

fn show(visit: &Visit<'_>, user_code: String, decided: Option<&'static str>) -> Answer<Response<Body>> {
    ok(&DeviceView {
        chrome: visit.chrome("Approve a login"),
        known: visit.state.devices.waits(&user_code, visit.now),
        user_code,
        may_write: visit.caller.allows(Scope::Write),
        decided,
    })
}

/// `POST /login/device`.
pub(super) fn decide(visit: &Visit<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let user = visit.user()?;
    let code = typed(fields.get("user_code"));
    if !visit.state.devices.waits(&code, visit.now) {
        return Err(Refusal::not_found(format!(
            "no login waits under the code {code}; it may have ended, start it again"
        )));
    }
    if fields.get("do") != "approve" {
        visit.state.devices.decide(&code, Outcome::Denied, visit.now);
        return show(visit, code, Some("denied"));
    }
    let scope: Scope = fields.get("scope").parse().map_err(|error| Refusal::invalid(format!("{error}")))?;
    let expires = Timestamp::from_micros(visit.now.as_micros() + TOKEN_DAYS * 86_400_000_000);
    let secret = tokens::create(visit, user, scope, format!("login of a program, code {code}"), Some(expires))?;
    visit.state.devices.decide(&code, Outcome::Approved(secret), visit.now);
    show(visit, code, Some("approved"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_typed() {
        for text in ["bcdf-ghjk", "BCDFGHJK", " bcdf ghjk "] {
            assert_eq!(typed(text), "BCDF-GHJK");
        }
        assert_eq!(typed("<b>"), "B");
    }
}
