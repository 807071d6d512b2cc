//! Browser sessions: a cookie holds the secret of a session, which ends with its token.

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};

use crate::actions::Caller;
use crate::actions::sessions::LASTS;
use crate::model::TokenSecret;
use crate::serve::auth::{Auth, AuthError};
use crate::serve::http::origin::Origin;

/// The name of the cookie. It is `HttpOnly` and `SameSite=Strict`: scripts cannot read it, other sites cannot use it.
const PLAIN_NAME: &str = "registry_session";

/// The name of the cookie over TLS. Browsers accept the prefix `__Host-` only from this host and only over TLS.
const SECURE_NAME: &str = "__Host-registry_session";

/// The caller of a request, by the `Authorization` header, else by the cookie. A cookie whose session has ended counts
/// as no cookie. A header with an invalid token is refused, because the client sent it on purpose.
pub(in crate::serve::web) fn caller(auth: &Auth, headers: &HeaderMap, origin: &Origin) -> Result<Caller, AuthError> {
    if headers.contains_key(AUTHORIZATION) {
        return auth.caller(headers);
    }
    let Some(secret) = cookie_secret(headers, origin) else { return Ok(Caller::Anonymous) };
    match auth.session(&secret) {
        Err(AuthError::Store(error)) => Err(AuthError::Store(error)),
        found => Ok(found.unwrap_or(Caller::Anonymous)),
    }
}

/// The secret of the session in the cookie.
pub(in crate::serve::web) fn cookie_secret(headers: &HeaderMap, origin: &Origin) -> Option<TokenSecret> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie_name(origin)).and_then(|(_, value)| TokenSecret::presented(value))
}

/// The `Set-Cookie` header with a session; without a session, it removes the cookie.
pub(in crate::serve::web) fn set_cookie(secret: Option<&TokenSecret>, origin: &Origin) -> String {
    let (value, age) = secret.map_or(("", 0), |secret| (secret.reveal(), LASTS));
    let secure = if origin.is_secure() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}", cookie_name(origin))
}

fn cookie_name(origin: &Origin) -> &'static str {
    if origin.is_secure() { SECURE_NAME } else { PLAIN_NAME }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(url: &str, cookie: &str) -> Option<String> {
        let headers = [(COOKIE, cookie.parse().unwrap())].into_iter().collect();
        cookie_secret(&headers, &Origin::at(url)).map(|secret| secret.reveal().to_owned())
    }

    #[test]
    fn the_session_is_found_among_cookies() {
        assert_eq!(found("http://r", "a=b; registry_session=s_1; c=d").as_deref(), Some("s_1"));
        assert_eq!(found("http://r", "registry_session="), None);
        assert_eq!(found("http://r", "other_registry_session=s_1"), None);
        // A neighbouring host can set a cookie without the prefix.
        assert_eq!(found("https://r", "registry_session=s_1"), None);
        assert_eq!(found("https://r", "__Host-registry_session=s_1").as_deref(), Some("s_1"));
    }

    #[test]
    fn the_cookie_is_for_this_host_and_no_script() {
        let secret = TokenSecret::presented("s_1").unwrap();
        let cookie = set_cookie(Some(&secret), &Origin::at("https://r"));
        assert_eq!(cookie, "__Host-registry_session=s_1; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure");
        assert!(set_cookie(None, &Origin::at("http://r")).starts_with("registry_session=; Path=/; Max-Age=0;"));
    }
}
