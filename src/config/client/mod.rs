//! Where the command line finds its server and token: flags, else the environment, else the logins of this user.
//!
//! Only `REGISTRY_URL` and `REGISTRY_TOKEN` count. The variables that `registry env` prints are for cargo and buf
//! alone: a `CARGO_REGISTRIES_BUF_TOKEN` for another server must not be sent to this one.

mod logins;

use std::path::PathBuf;

use crate::model::TokenSecret;

use super::{ConfigError, Environment, value};

pub use logins::{Login, Logins};

/// The environment variable with the server's URL.
pub const URL_VARIABLE: &str = "REGISTRY_URL";
/// The environment variable with the token.
pub const TOKEN_VARIABLE: &str = "REGISTRY_TOKEN";

/// A server to talk to.
#[derive(Debug, Clone)]
pub struct ServerAddress {
    /// Base URL without a slash at its end.
    pub url: String,
    /// The token to send, if one is known.
    pub token: Option<TokenSecret>,
    /// The token for commands of administrators: the same, unless the login has two.
    pub admin_token: Option<TokenSecret>,
    /// Whether the token is an administrator's because an earlier `registry serve` left no other.
    pub has_admin_token_alone: bool,
    /// A directory that makes `buf` speak plain HTTP to this server (`BUF_CONFIG_DIR`), if one is known.
    pub buf_config_dir: Option<PathBuf>,
}

impl ServerAddress {
    /// `HOST:PORT` of the URL, by which `buf` knows the server.
    #[must_use]
    pub fn host(&self) -> &str {
        authority(&self.url)
    }
}

/// `HOST:PORT` of a URL.
#[must_use]
pub fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The path of a server's index for cargo.
const CARGO_INDEX_PATH: &str = "/gen/cargo/";

/// The index of the server at `url`, as cargo names it.
#[must_use]
pub fn cargo_index(url: &str) -> String {
    format!("sparse+{url}{CARGO_INDEX_PATH}")
}

/// The token for the registry whose index cargo asks about: that of `REGISTRY_URL` with `REGISTRY_TOKEN`, else that of
/// the login for exactly this server. None for the index of a program that is no registry of this kind.
///
/// # Errors
/// When the logins cannot be read.
pub fn find_for_cargo(index: &str, env: &Environment) -> Result<Option<CargoServer>, ConfigError> {
    let Some(url) = server_of_index(index) else { return Ok(None) };
    let of_environment = env.get(URL_VARIABLE).filter(|named| named.trim_end_matches('/') == url);
    let token = match of_environment.and(env.get(TOKEN_VARIABLE)) {
        Some(token) => Some(token.to_owned()),
        None => Logins::read(env)?.of_url(url).map(|login| login.usual_token().to_owned()),
    };
    let token = token.and_then(|token| TokenSecret::presented(token.trim()));
    Ok(Some(CargoServer { url: url.to_owned(), token }))
}

/// The server of an index, and the token for it.
#[derive(Debug, Clone)]
pub struct CargoServer {
    /// Base URL without a slash at its end.
    pub url: String,
    /// The token, if one is known.
    pub token: Option<TokenSecret>,
}

/// The base URL of the server of an index.
fn server_of_index(index: &str) -> Option<&str> {
    let index = index.strip_prefix("sparse+")?;
    let (url, view) = index.split_once(CARGO_INDEX_PATH.trim_end_matches('/'))?;
    (view.is_empty() || view.starts_with('/')).then_some(url)
}

/// The server at the address `given` of a command that needs no login yet: as written, or with the scheme added.
///
/// # Errors
/// When it is no URL.
pub fn server_url(given: &str) -> Result<String, ConfigError> {
    checked(&with_usual_scheme(given), "the command line")
}

/// An address with a scheme: that of the login for this host, else the usual one.
fn with_scheme(given: &str, logins: &Logins) -> String {
    let is_named = |login: &&Login| login.url.split_once("://").is_some_and(|(_, rest)| rest == given);
    logins.all().iter().find(is_named).map_or_else(|| with_usual_scheme(given), |login| login.url.clone())
}

/// An address with a scheme: plain HTTP for this machine alone.
fn with_usual_scheme(given: &str) -> String {
    match given.contains("://") {
        true => given.to_owned(),
        false if is_this_machine(given) => format!("http://{given}"),
        false => format!("https://{given}"),
    }
}

/// Whether the server at `url` can be reached from this machine alone.
#[must_use]
pub fn is_this_machine(url: &str) -> bool {
    let named = authority(url);
    let port = |rest: &str| rest.is_empty() || rest.starts_with(':');
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| named.strip_prefix(host).is_some_and(port))
}

/// Finds the server. A server that is named by flag or environment gets the token of the same or a stronger source;
/// the token of a login is sent only to its server.
///
/// # Errors
/// When no server is known, or its URL or the file is malformed.
pub fn find(server: Option<&str>, token: Option<&str>, env: &Environment) -> Result<ServerAddress, ConfigError> {
    let named = server.map(|url| (url, "--server")).or_else(|| Some((env.get(URL_VARIABLE)?, URL_VARIABLE)));
    let logins = Logins::read(env)?;
    let (url, login) = match (named, logins.default_login()) {
        (Some((url, origin)), _) => {
            let url = checked(&with_scheme(url, &logins), origin)?;
            let login = logins.of_url(&url);
            (url, login)
        }
        (None, Some(login)) => (checked(&login.url, "client.toml")?, Some(login)),
        (None, None) => return Err(ConfigError::NoServer),
    };
    // A token of the environment that has a server there is for that server alone.
    let of_environment = env.get(TOKEN_VARIABLE).filter(|_| {
        let named = env.get(URL_VARIABLE).map(|named| checked(&with_scheme(named, &logins), URL_VARIABLE));
        named.is_none_or(|named| named.is_ok_and(|named| named == url))
    });
    let given = token.or(of_environment);
    // A token that `registry env` took from the login is the login's.
    let of_login = given.is_none() || (token.is_none() && given == login.map(Login::usual_token));
    let left = |of: fn(&Login) -> &str| login.filter(|_| of_login).map(of);
    let secret = |text: Option<&str>| text.and_then(|text| TokenSecret::presented(text.trim()));
    Ok(ServerAddress {
        token: secret(left(Login::usual_token).or(given)),
        admin_token: secret(left(|login| &login.token).or(given)),
        has_admin_token_alone: of_login
            && login.is_some_and(|login| login.write_token.is_none() && login.data_dir.is_some()),
        buf_config_dir: login.and_then(|login| login.buf_config_dir.clone()),
        url,
    })
}

fn checked(url: &str, origin: &str) -> Result<String, ConfigError> {
    value::base_url(url).map_err(|_| ConfigError::ServerUrl {
        url: url.into(),
        origin: origin.into(),
        hint: "`registry serve` prints its URL",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login {
            url: "http://127.0.0.1:8780".into(),
            token: "reg_left".into(),
            write_token: Some("reg_left_to_write".into()),
            data_dir: Some("/data".into()),
            buf_config_dir: Some("/data/buf".into()),
            user: None,
        }
    }

    fn leave(env: &Environment) {
        Logins::change(env, |logins| logins.put(login())).unwrap();
    }

    /// The token, and the one for administrators.
    fn tokens(found: &ServerAddress) -> (&str, &str) {
        (found.token.as_ref().unwrap().reveal(), found.admin_token.as_ref().unwrap().reveal())
    }

    #[test]
    fn the_token_of_a_shell_goes_to_the_server_of_that_shell_alone() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        let other = Login { url: "http://127.0.0.1:8790".into(), data_dir: None, write_token: None, ..login() };
        let other = Login { token: "reg_of_other".into(), ..other };
        Logins::change(&Environment::of(&[("XDG_CONFIG_HOME", home)]), |logins| logins.put(other)).unwrap();
        let shell = [("XDG_CONFIG_HOME", home), (URL_VARIABLE, "http://127.0.0.1:8780"), (TOKEN_VARIABLE, "reg_shell")];
        let shell = Environment::of(&shell);
        assert_eq!(tokens(&find(None, None, &shell).unwrap()).0, "reg_shell");
        assert_eq!(tokens(&find(Some("http://127.0.0.1:8780/"), None, &shell).unwrap()).0, "reg_shell");
        assert_eq!(tokens(&find(Some("http://127.0.0.1:8790"), None, &shell).unwrap()).0, "reg_of_other");
        assert!(find(Some("http://127.0.0.1:8799"), None, &shell).unwrap().token.is_none());
        assert_eq!(tokens(&find(Some("http://127.0.0.1:8799"), Some("reg_given"), &shell).unwrap()).0, "reg_given");
    }

    #[test]
    fn a_shell_that_was_set_up_from_the_login_still_administrates() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        leave(&Environment::of(&[("XDG_CONFIG_HOME", home)]));
        let env = |token| Environment::of(&[("XDG_CONFIG_HOME", home), (TOKEN_VARIABLE, token)]);
        assert_eq!(tokens(&find(None, None, &env("reg_left_to_write")).unwrap()), ("reg_left_to_write", "reg_left"));
        // A given token wins.
        assert_eq!(tokens(&find(None, None, &env("reg_other")).unwrap()), ("reg_other", "reg_other"));
        let named = find(None, Some("reg_left_to_write"), &env("reg_other")).unwrap();
        assert_eq!(tokens(&named), ("reg_left_to_write", "reg_left_to_write"));
    }

    #[test]
    fn without_a_login_there_is_no_server() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment::of(&[("XDG_CONFIG_HOME", home.path().to_str().unwrap())]);
        assert!(matches!(find(None, None, &env), Err(ConfigError::NoServer)));
        leave(&env);
        let found = find(None, None, &env).unwrap();
        assert_eq!(found.url, "http://127.0.0.1:8780");
        assert_eq!(tokens(&found), ("reg_left_to_write", "reg_left"));
    }

    #[test]
    fn cargo_gets_a_token_for_its_own_server_alone() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        leave(&Environment::of(&[("XDG_CONFIG_HOME", home)]));
        let token = |index: &str, more: &[(&str, &str)]| {
            let env = Environment::of(&[&[("XDG_CONFIG_HOME", home)], more].concat());
            let server = find_for_cargo(index, &env).unwrap()?;
            server.token.map(|token| token.reveal().to_owned())
        };
        let ours = cargo_index("http://127.0.0.1:8780");
        assert_eq!(token(&ours, &[]).as_deref(), Some("reg_left_to_write"));
        assert_eq!(token("sparse+http://127.0.0.1:8780/gen/cargo/@next/", &[]).as_deref(), Some("reg_left_to_write"));
        assert_eq!(token(&cargo_index("http://127.0.0.1:8781"), &[]), None);
        assert_eq!(token("sparse+http://127.0.0.1:8780.evil/gen/cargo/", &[]), None);
        assert_eq!(token("sparse+http://127.0.0.1:8780@evil/gen/cargo/", &[]), None);
        assert_eq!(token("sparse+https://index.crates.io/", &[]), None);
        let ci = [(URL_VARIABLE, "http://127.0.0.1:8780/"), (TOKEN_VARIABLE, "reg_ci")];
        assert_eq!(token(&ours, &ci).as_deref(), Some("reg_ci"));
        assert_eq!(token(&ours, &ci[1..]).as_deref(), Some("reg_left_to_write"), "the variable names no server");
        assert_eq!(token(&cargo_index("http://other"), &ci), None);
    }

    #[test]
    fn an_address_without_scheme_is_encrypted_unless_it_is_this_machine() {
        for (given, url) in [
            ("registry.example.com", "https://registry.example.com"),
            ("registry.example.com:8443/", "https://registry.example.com:8443"),
            ("localhost:8780", "http://localhost:8780"),
            ("127.0.0.1", "http://127.0.0.1"),
            ("[::1]:1", "http://[::1]:1"),
            ("[::1]", "http://[::1]"),
            ("localhost.example.com", "https://localhost.example.com"),
            ("http://registry.example.com", "http://registry.example.com"),
        ] {
            assert_eq!(server_url(given).unwrap(), url);
        }
        assert!(server_url("not a host").is_err());
    }

    #[test]
    fn a_token_that_was_left_goes_to_no_other_server() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        leave(&Environment::of(&[("XDG_CONFIG_HOME", home)]));
        let env = Environment::of(&[("XDG_CONFIG_HOME", home), (URL_VARIABLE, "http://other:1/")]);
        let found = find(None, None, &env).unwrap();
        assert_eq!((found.url.as_str(), found.token.is_none()), ("http://other:1", true));
        let found = find(Some("http://127.0.0.1:8780/"), None, &env).unwrap();
        assert_eq!(tokens(&found), ("reg_left_to_write", "reg_left"));
    }

    #[test]
    fn flags_win_over_the_environment() {
        let env = Environment::of(&[(URL_VARIABLE, "http://env"), (TOKEN_VARIABLE, "reg_env")]);
        let found = find(Some("http://flag"), Some("reg_flag"), &env).unwrap();
        assert_eq!((found.url.as_str(), found.token.unwrap().reveal()), ("http://flag", "reg_flag"));
        let found = find(None, None, &env).unwrap();
        assert_eq!((found.url.as_str(), found.token.unwrap().reveal()), ("http://env", "reg_env"));
        assert!(matches!(find(Some("not a host"), None, &env), Err(ConfigError::ServerUrl { .. })));
    }
}
