//! The address and token of another registry to mirror from.
//!
//! A token is only sent to the host that it was given for: `BUF_TOKEN` without a host is most often for the registry
//! that `registry env` set it for, so it is not sent to a source.

use crate::model::TokenSecret;

use super::client::{Login, Logins, ServerAddress, authority};
use super::{ConfigError, Environment, value};

/// The environment variable with the token for the source.
pub const SOURCE_TOKEN_VARIABLE: &str = "REGISTRY_SOURCE_TOKEN";

/// Finds the registry called `host`: at `base` if that is given, where this user has a login for it, else at
/// `https://HOST`. The token is `token`, else `REGISTRY_SOURCE_TOKEN`, else the one of exactly this host in
/// `BUF_TOKEN`, else that of the login; there may be none.
///
/// # Errors
/// When `base` is no URL, or the login cannot be read.
pub fn find_source(
    host: &str,
    base: Option<&str>,
    token: Option<&str>,
    env: &Environment,
) -> Result<ServerAddress, ConfigError> {
    let logins = Logins::read(env)?;
    let login = logins.all().iter().find(|login| authority(&login.url) == host);
    let url = match (base, login) {
        (Some(base), _) => checked(base)?,
        (None, Some(login)) => checked(&login.url)?,
        (None, None) => checked(&format!("https://{host}"))?,
    };
    let given = token.or_else(|| env.get(SOURCE_TOKEN_VARIABLE)).or_else(|| of_host(env.get("BUF_TOKEN")?, host));
    let left = login.filter(|login| login.url == url).map(Login::usual_token);
    let token = given.or(left).and_then(|token| TokenSecret::presented(token.trim()));
    Ok(ServerAddress { url, admin_token: token.clone(), token, has_admin_token_alone: false, buf_config_dir: None })
}

/// The token for `host` in `TOKEN@HOST,TOKEN@HOST`.
fn of_host<'a>(tokens: &'a str, host: &str) -> Option<&'a str> {
    tokens.split(',').filter_map(|item| item.trim().split_once('@')).find(|(_, named)| *named == host).map(|(t, _)| t)
}

fn checked(url: &str) -> Result<String, ConfigError> {
    value::base_url(url).map_err(|_| ConfigError::ServerUrl {
        url: url.into(),
        origin: "--from".into(),
        hint: "write for example https://buf.build, or a directory that exists",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(base: Option<&str>, token: Option<&str>, env: &[(&str, &str)]) -> (String, Option<String>) {
        let found = find_source("buf.build", base, token, &Environment::of(env)).unwrap();
        (found.url, found.token.map(|token| token.reveal().to_owned()))
    }

    #[test]
    fn a_source_is_at_its_name_unless_told_otherwise() {
        assert_eq!(source(None, None, &[]), ("https://buf.build".into(), None));
        assert_eq!(
            source(Some("http://127.0.0.1:9/"), Some("t"), &[]),
            ("http://127.0.0.1:9".into(), Some("t".into()))
        );
    }

    #[test]
    fn a_token_of_buf_goes_to_the_host_that_it_names() {
        let token = |text| source(None, None, &[("BUF_TOKEN", text)]).1;
        assert_eq!(token("ours"), None);
        assert_eq!(token("a@other,b@buf.build"), Some("b".into()));
        assert_eq!(
            source(None, None, &[("REGISTRY_SOURCE_TOKEN", "s"), ("BUF_TOKEN", "b@buf.build")]).1,
            Some("s".into())
        );
    }

    #[test]
    fn a_registry_of_this_user_is_known_with_its_address() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment::of(&[("XDG_CONFIG_HOME", home.path().to_str().unwrap())]);
        let (url, token) = ("http://localhost:8780".to_owned(), "reg_left".to_owned());
        let login = Login { url: url.clone(), token, ..Login::default() };
        Logins::change(&env, |logins| logins.put(login)).unwrap();
        let found = find_source("localhost:8780", None, None, &env).unwrap();
        assert_eq!((found.url, found.token.unwrap().reveal()), (url, "reg_left"));
        assert!(find_source("buf.build", None, None, &env).unwrap().token.is_none());
    }
}
