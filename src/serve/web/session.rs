//! Who sits at the browser: a cookie holds the token that was entered at sign-in, and forms are taken from our own
//! pages only.

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};

use crate::model::TokenSecret;
use crate::serve::auth::{Auth, AuthError, Caller};
use crate::serve::error::{Answer, Refusal};

/// The cookie. It is `HttpOnly` and `SameSite=Strict`: scripts cannot read it, other sites cannot use it.
const COOKIE_NAME: &str = "registry_token";

/// How long a browser keeps it, in seconds: thirty days, or until the token ends.
const KEPT_FOR: u32 = 30 * 24 * 3600;

/// Sent by browsers with every request: who made them send it.
const FETCH_SITE: &str = "sec-fetch-site";

/// The caller of a request: the `Authorization` header, else the cookie. A cookie whose token has ended is no caller;
/// a header with such a token is refused, whoever sent it meant it.
pub(super) fn caller(auth: &Auth, headers: &HeaderMap) -> Result<Caller, AuthError> {
    if headers.contains_key(AUTHORIZATION) {
        return auth.caller(headers);
    }
    let Some(secret) = secret(headers) else { return Ok(Caller::Anonymous) };
    match auth.holder(&secret) {
        Err(AuthError::Store(error)) => Err(AuthError::Store(error)),
        found => Ok(found.unwrap_or(Caller::Anonymous)),
    }
}

/// The token in the cookie.
pub(super) fn secret(headers: &HeaderMap) -> Option<TokenSecret> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE_NAME).and_then(|(_, value)| TokenSecret::presented(value))
}

/// The header that signs in with `secret`; without one, it signs out.
pub(super) fn set_cookie(secret: Option<&TokenSecret>, secure: bool) -> String {
    let (value, age) = secret.map_or(("", 0), |secret| (secret.reveal(), KEPT_FOR));
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
}

/// Whether the token can stand in a cookie: ours can, whatever a user pastes may not.
pub(super) fn fits_cookie(secret: &TokenSecret) -> bool {
    secret.reveal().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~'))
}

/// Refuses a form that was not sent from a page of this registry.
///
/// # Errors
/// When the browser says that another site made it send the form.
pub(super) fn check_same_origin(headers: &HeaderMap) -> Answer<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refused =
        || Err(Refusal::forbidden("this form was sent from another site; open the page here and send it again"));
    if let Some(site) = text(FETCH_SITE)
        && !matches!(site, "same-origin" | "none")
    {
        return refused();
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return Ok(()) };
    let host = origin.split_once("://").map(|(_, host)| host);
    if host.is_some() && host == text(HOST.as_str()) { Ok(()) } else { refused() }
}

/// Whether another site led here: browsers keep a strict cookie back then, so the page should be asked for again.
pub(super) fn came_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_token_is_found_among_cookies() {
        let found = |cookie: &str| secret(&headers(&[("cookie", cookie)])).map(|s| s.reveal().to_owned());
        assert_eq!(found("a=b; registry_token=reg_1; c=d").as_deref(), Some("reg_1"));
        assert_eq!(found("registry_token="), None);
        assert_eq!(found("other_registry_token=reg_1"), None);
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let ok = |pairs: &[(&'static str, &str)]| check_same_origin(&headers(pairs)).is_ok();
        assert!(ok(&[("host", "r:1"), ("origin", "http://r:1"), ("sec-fetch-site", "same-origin")]));
        assert!(!ok(&[("host", "r:1"), ("origin", "http://evil")]));
        assert!(!ok(&[("host", "r:1"), ("origin", "null")]));
        assert!(!ok(&[("host", "r:1"), ("sec-fetch-site", "cross-site")]));
        assert!(!ok(&[("host", "r:1"), ("sec-fetch-site", "same-site")]));
        assert!(ok(&[("host", "r:1")]));
    }

    #[test]
    fn the_cookie_is_for_this_site_and_no_script() {
        let secret = TokenSecret::presented("reg_1").unwrap();
        let cookie = set_cookie(Some(&secret), true);
        assert_eq!(cookie, "registry_token=reg_1; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure");
        assert!(set_cookie(None, false).starts_with("registry_token=; Path=/; Max-Age=0;"));
        assert!(!fits_cookie(&TokenSecret::presented("a;b").unwrap()));
    }
}
