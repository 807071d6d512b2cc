//! A login through the browser: the program asks for a code, the user approves it on a page of the server, the program
//! asks until it gets its token. Requests and answers follow RFC 7591 and RFC 8628, as those of `buf registry login`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Method, Request, Uri};
use http_body_util::Full;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{excerpt, plain};
use super::{Client, ClientError, PROGRAM};
use crate::model::TokenSecret;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The most bytes of an answer, which is a small JSON object.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// How much longer a program waits between its questions after it was told to slow down (RFC 8628, section 3.5).
const SLOWER_BY: Duration = Duration::from_secs(5);

/// The interval of a server that names none.
const USUAL_INTERVAL: u64 = 5;

/// A login that waits for its user.
#[derive(Debug, Clone)]
pub struct DeviceLogin {
    /// The page where the user approves it, with the code in it.
    pub page: String,
    /// The code, which the page shows too.
    pub user_code: String,
    device_code: String,
    client_id: String,
    interval: Duration,
    lives_for: Duration,
}

/// The end of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceLoginEnd {
    /// The user approved it: the token of the program.
    Approved(TokenSecret),
    /// The user denied it.
    Denied,
    /// Nobody decided in time, or the server has forgotten it.
    Expired,
}

#[derive(Deserialize)]
struct Registration {
    client_id: String,
}

#[derive(Deserialize)]
struct Authorization {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

/// A token, or the reason why there is none yet.
#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Client {
    /// Starts a login of this program, under the name `program`.
    ///
    /// # Errors
    /// When the server has no such logins.
    pub async fn start_device_login(&self, program: &str) -> Result<DeviceLogin, ClientError> {
        let body = serde_json::json!({ "client_name": program }).to_string();
        let registered = self.post("/oauth2/device/registration", "application/json", body).await?;
        let Registration { client_id } = registered;
        let body = form(&[("client_id", &client_id)]);
        let started = self.post("/oauth2/device/authorization", FORM, body).await?;
        let Authorization { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval } =
            started;
        Ok(DeviceLogin {
            page: plain(&verification_uri_complete.unwrap_or(verification_uri)),
            user_code: plain(&user_code),
            device_code,
            client_id,
            interval: Duration::from_secs(interval.unwrap_or(USUAL_INTERVAL).max(1)),
            lives_for: Duration::from_secs(expires_in),
        })
    }

    /// Asks until the user has decided, or the login has ended.
    pub async fn finish_device_login(&self, login: &DeviceLogin) -> Result<DeviceLoginEnd, ClientError> {
        let (mut interval, mut waited) = (login.interval, Duration::ZERO);
        let body = form(&[("client_id", &login.client_id), ("grant_type", GRANT), ("device_code", &login.device_code)]);
        while waited < login.lives_for {
            tokio::time::sleep(interval).await;
            waited += interval;
            let answer: Answer = self.post("/oauth2/device/token", FORM, body.clone()).await?;
            match (answer.access_token, answer.error.as_deref()) {
                (Some(token), _) => {
                    let token = TokenSecret::presented(token.trim());
                    return self.present("token", token).map(DeviceLoginEnd::Approved);
                }
                (None, Some("authorization_pending")) => {}
                (None, Some("slow_down")) => interval += SLOWER_BY,
                (None, Some("access_denied")) => return Ok(DeviceLoginEnd::Denied),
                (None, Some("expired_token")) => return Ok(DeviceLoginEnd::Expired),
                (None, error) => {
                    let words = answer.error_description.as_deref().or(error).unwrap_or("neither a token nor an error");
                    return Err(self.malformed(excerpt(&plain(words))));
                }
            }
        }
        Ok(DeviceLoginEnd::Expired)
    }

    /// Posts to a page that is no RPC, without the token.
    async fn post<T: DeserializeOwned>(&self, path: &str, kind: &str, body: String) -> Result<T, ClientError> {
        let uri: Uri = format!("{}{path}", self.url).parse().map_err(|error| self.malformed(error))?;
        let request = Request::builder().method(Method::POST).uri(uri).header(CONTENT_TYPE, kind);
        let request = request.header(USER_AGENT, PROGRAM).body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| self.malformed(error))?;
        let (status, body) = self.exchange(request, MAX_ANSWER_BYTES).await?;
        match serde_json::from_slice(&body) {
            Ok(answer) => Ok(answer),
            Err(_) => {
                let text = plain(&String::from_utf8_lossy(&body));
                let message = excerpt(&format!("{status}: {}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
                Err(ClientError::Unknown { url: self.url.clone(), message })
            }
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
