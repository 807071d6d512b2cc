//! `buf registry login` through the browser: the endpoints that the program calls, and the page where a user approves
//! the login. Requests and responses follow RFC 7591 and RFC 8628.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::actions::device_logins::{self, INTERVAL, LIVES_FOR, LoginAnswer};
use crate::model::{Scope, TokenSecret};
use crate::publish::new_ids;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};

use super::sign_in;
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::relative_time::Age;
use crate::store::LoginAsker;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The most characters of a program's name.
const LONGEST_NAME: usize = 100;

/// A waiting program, as the page shows it.
struct WaitingProgram {
    program: String,
    agent: String,
    client: String,
    started: Age,
}

#[derive(Template)]
#[template(path = "device.html", config = "assets/askama.toml")]
struct DeviceView {
    chrome: Chrome,
    user_code: String,
    /// The program that waits with the code, if there is one.
    waiting: Option<WaitingProgram>,
    may_write: bool,
    /// The decision, if the user has made it.
    decided: Option<&'static str>,
}

/// Registers a client. Its id holds its name, and nothing is stored: every program may start a login, because a user
/// must approve it. The status is 200, because `buf` accepts no other, although RFC 7591 says 201.
pub(in crate::serve::web) fn registration(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let id = client_id(fields.get("client_name"));
    Ok(json_answer(StatusCode::OK, &json!({ "client_id": id, "client_id_issued_at": visit.now.as_seconds() })))
}

fn client_id(name: &str) -> String {
    format!("{}.{}", new_ids::token(), URL_SAFE_NO_PAD.encode(name.chars().take(LONGEST_NAME).collect::<String>()))
}

/// The name in a client's id, without characters that cannot be shown.
fn program(client_id: &str) -> String {
    let name = client_id.split_once('.').and_then(|(_, name)| URL_SAFE_NO_PAD.decode(name).ok());
    let name = shown(&name.and_then(|name| String::from_utf8(name).ok()).unwrap_or_default());
    if name.trim().is_empty() { "a program without a name".into() } else { name }
}

/// The beginning of a text that a program sent, without characters that cannot be shown.
fn shown(text: &str) -> String {
    let shown = |c: char| if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.chars().take(LONGEST_NAME).map(shown).collect()
}

/// Starts a login.
pub(in crate::serve::web) fn authorization(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let new = || new_ids::secret().map_err(|error| Refusal::internal(&error));
    let (device, random) = (new()?, new()?);
    let (client, network) = (visit.origin.client, visit.origin.network());
    let asker = LoginAsker { program: program(fields.get("client_id")), agent: shown(&visit.agent), client, network };
    tracing::info!(program = asker.program, %client, "a program wants to log in");
    let Some(code) = device_logins::start(&visit.actor(), &device, &random, asker)? else {
        return Err(Refusal::unavailable("this login has the same code as another one; start it again"));
    };
    let page = format!("{}/login/device", visit.url());
    let body = json!({
        "device_code": device.reveal(),
        "user_code": code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={code}"),
        "expires_in": LIVES_FOR,
        "interval": INTERVAL,
    });
    Ok(json_answer(StatusCode::OK, &body))
}

/// Tells the program whether its login was approved.
pub(in crate::serve::web) fn token(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let error = |word: &str, description: &str| {
        Ok(json_answer(StatusCode::BAD_REQUEST, &json!({ "error": word, "error_description": description })))
    };
    if fields.get("grant_type") != GRANT {
        return error("unsupported_grant_type", "only device logins are supported");
    }
    let answer = match TokenSecret::presented(fields.get("device_code")) {
        Some(device) => device_logins::ask(&visit.actor(), &device),
        None => Ok(LoginAnswer::Expired),
    };
    match answer {
        Ok(LoginAnswer::Pending) => error("authorization_pending", "nobody has decided yet"),
        Ok(LoginAnswer::SlowDown) => error("slow_down", "the last request was a moment ago; wait between requests"),
        Ok(LoginAnswer::Denied) => error("access_denied", "the login was denied in the browser"),
        Ok(LoginAnswer::Expired) => error("expired_token", "the login has ended; start it again"),
        // The program gives up and shows this.
        Err(refused) if refused.kind().is_some() => error("access_denied", &refused.to_string()),
        Err(failed) => Err(failed.into()),
        Ok(LoginAnswer::Approved(secret)) => {
            let body = json!({ "access_token": secret.reveal(), "token_type": "Bearer" });
            Ok(json_answer(StatusCode::OK, &body))
        }
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = response::json(status, body);
    response::header(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// `/login/device`: the page where a user approves or denies.
pub(in crate::serve::web) fn page(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    if visit.caller.user().is_none() {
        return sign_in::required(visit, "sign in first; then you can approve the login of the program");
    }
    show(visit, typed(visit.query.get("user_code")), None)
}

/// The code in its canonical spelling.
fn typed(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let letters = letters.to_ascii_uppercase();
    if letters.len() == 8 { format!("{}-{}", &letters[..4], &letters[4..]) } else { letters }
}

fn show(visit: &PageRequest<'_>, user_code: String, decided: Option<&'static str>) -> Answer<Response<Body>> {
    let waiting = device_logins::waiting(&visit.actor(), &user_code)?;
    ok(&DeviceView {
        chrome: visit.chrome("Approve a login"),
        waiting: waiting.map(|login| WaitingProgram {
            program: login.asker.program,
            agent: login.asker.agent,
            client: login.asker.client.to_string(),
            started: visit.age(login.started),
        }),
        user_code,
        may_write: visit.caller.allows(Scope::Write),
        decided,
    })
}

/// `POST /login/device`.
pub(in crate::serve::web) fn decide(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let (user, code, actor) = (visit.user()?, typed(fields.get("user_code")), visit.actor());
    let Some(login) = device_logins::waiting(&actor, &code)? else { return Err(not_waiting(&code)) };
    let (program, client) = (&login.asker.program, login.asker.client);
    if fields.get("do") != "approve" {
        device_logins::deny(&actor, &login)?;
        tracing::info!(user = %user.name, program, %client, "a login of a program was denied");
        return show(visit, code, Some("denied"));
    }
    let scope: Scope = fields.get("scope").parse().map_err(|error| Refusal::invalid(format!("{error}")))?;
    if !device_logins::approve(&actor, &login, scope)? {
        return Err(not_waiting(&code));
    }
    tracing::info!(user = %user.name, program, %client, %scope, "a login of a program was approved");
    show(visit, code, Some("approved"))
}

fn not_waiting(code: &str) -> Refusal {
    Refusal::not_found(format!("no login waits with the code {code}; it may have ended, start it again"))
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

    #[test]
    fn a_program_is_shown_by_the_name_that_it_gave() {
        assert_eq!(program(&client_id("Buf CLI (laptop)")), "Buf CLI (laptop)");
        assert_eq!(program(&client_id("a\u{202e}b\nc")), "a?b?c");
        assert_eq!(program(&client_id(&"x".repeat(500))).len(), LONGEST_NAME);
        for unnamed in ["", "x", "x.!", &client_id(" ")] {
            assert_eq!(program(unnamed), "a program without a name", "{unnamed}");
        }
    }
}
