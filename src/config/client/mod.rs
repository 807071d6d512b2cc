//! Where the command line finds its server and token: flags, else the environment, else the login that `registry serve`
//! left for this user.
//!
//! Only `REGISTRY_URL` and `REGISTRY_TOKEN` count. The variables that `registry env` prints are for cargo and buf
//! alone: a `CARGO_REGISTRIES_BUF_TOKEN` for another server must not be sent to this one.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::TokenSecret;

use super::line_number::line_of;
use super::{ConfigError, Environment, dirs, value};

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
    /// The token for commands of administrators: the same, unless `registry serve` left two.
    pub admin_token: Option<TokenSecret>,
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
pub(super) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The login that `registry serve` leaves for its user at first start, `client.toml` in the XDG config directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Login {
    /// Base URL of the server.
    pub url: String,
    /// A token of the first user, of scope admin.
    pub token: String,
    /// One of scope write, for everything that does not take an administrator. Older programs left none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_token: Option<String>,
    /// The server's data directory, which identifies the server when it comes back under another URL.
    pub data_dir: PathBuf,
    /// Directory to use as `BUF_CONFIG_DIR`.
    pub buf_config_dir: PathBuf,
}

impl Login {
    /// The token for everything that does not take an administrator.
    #[must_use]
    pub fn usual_token(&self) -> &str {
        self.write_token.as_ref().unwrap_or(&self.token)
    }

    /// Where the login of this user is kept.
    ///
    /// # Errors
    /// When neither `XDG_CONFIG_HOME` nor `HOME` is set.
    pub fn path(env: &Environment) -> Result<PathBuf, ConfigError> {
        Ok(dirs::config_home(env)?.join("client.toml"))
    }

    /// The login that was left, if there is one.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn read(env: &Environment) -> Result<Option<Self>, ConfigError> {
        let Ok(path) = Self::path(env) else { return Ok(None) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ConfigError::Unreadable { path, source }),
        };
        let login = toml_edit::de::from_str(&text);
        login.map(Some).map_err(|error: toml_edit::de::Error| ConfigError::Syntax {
            path,
            line: line_of(&text, error.span()),
            message: error.message().into(),
        })
    }

    /// Writes the login for this user, readable for no other user. Returns the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, env: &Environment) -> Result<PathBuf, ConfigError> {
        let path = Self::path(env)?;
        let dir = path.parent().unwrap_or(Path::new("."));
        let written = std::fs::create_dir_all(dir).and_then(|()| self.replace(dir, &path));
        match written {
            Ok(()) => Ok(path),
            Err(source) => Err(ConfigError::Unwritable { path, source }),
        }
    }

    /// A temporary file is made with mode 0600, so the token is at no moment readable for others.
    fn replace(&self, dir: &Path, path: &Path) -> std::io::Result<()> {
        let text = toml_edit::ser::to_string_pretty(self).map_err(std::io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        writeln!(file, "# Written by `registry serve`; read by the other commands of `registry`.\n{text}")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }
}

/// Finds the server. A server that is named by flag or environment gets the token of the same or a stronger source;
/// the token that `serve` left is sent only to the server that left it.
///
/// # Errors
/// When no server is known, or its URL or the file is malformed.
pub fn find(server: Option<&str>, token: Option<&str>, env: &Environment) -> Result<ServerAddress, ConfigError> {
    let named = server.map(|url| (url, "--server")).or_else(|| Some((env.get(URL_VARIABLE)?, URL_VARIABLE)));
    let given = token.or_else(|| env.get(TOKEN_VARIABLE));
    let login = Login::read(env)?;
    let url = match (named, &login) {
        (Some((url, origin)), _) => checked(url, origin)?,
        (None, Some(login)) => checked(&login.url, "client.toml")?,
        (None, None) => return Err(ConfigError::NoServer),
    };
    let login = login.filter(|login| login.url == url);
    // A token that `registry env` took from the login is the login's.
    let of_login = given.is_none() || (token.is_none() && given == login.as_ref().map(Login::usual_token));
    let left = |of: fn(&Login) -> &str| login.as_ref().filter(|_| of_login).map(of);
    let secret = |text: Option<&str>| text.and_then(|text| TokenSecret::presented(text.trim()));
    Ok(ServerAddress {
        token: secret(left(Login::usual_token).or(given)),
        admin_token: secret(left(|login| &login.token).or(given)),
        buf_config_dir: login.map(|login| login.buf_config_dir),
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
            data_dir: "/data".into(),
            buf_config_dir: "/data/buf".into(),
        }
    }

    /// The token, and the one for administrators.
    fn tokens(found: &ServerAddress) -> (&str, &str) {
        (found.token.as_ref().unwrap().reveal(), found.admin_token.as_ref().unwrap().reveal())
    }

    #[test]
    fn a_shell_that_was_set_up_from_the_login_still_administrates() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        login().write(&Environment::of(&[("XDG_CONFIG_HOME", home)])).unwrap();
        let env = |token| Environment::of(&[("XDG_CONFIG_HOME", home), (TOKEN_VARIABLE, token)]);
        assert_eq!(tokens(&find(None, None, &env("reg_left_to_write")).unwrap()), ("reg_left_to_write", "reg_left"));
        // A given token wins.
        assert_eq!(tokens(&find(None, None, &env("reg_other")).unwrap()), ("reg_other", "reg_other"));
        let named = find(None, Some("reg_left_to_write"), &env("reg_other")).unwrap();
        assert_eq!(tokens(&named), ("reg_left_to_write", "reg_left_to_write"));
    }

    #[test]
    fn a_login_of_an_older_program_has_one_token() {
        let text = "url = \"http://a\"\ntoken = \"reg_x\"\ndata-dir = \"/d\"\nbuf-config-dir = \"/b\"\n";
        let login: Login = toml_edit::de::from_str(text).unwrap();
        assert_eq!((login.usual_token(), login.write_token.as_deref()), ("reg_x", None));
    }

    #[test]
    fn the_login_comes_back_and_only_its_owner_may_read_it() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment::of(&[("XDG_CONFIG_HOME", home.path().to_str().unwrap())]);
        assert!(matches!(find(None, None, &env), Err(ConfigError::NoServer)));
        let path = login().write(&env).unwrap();
        assert_eq!(Login::read(&env).unwrap(), Some(login()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let found = find(None, None, &env).unwrap();
        assert_eq!(found.url, "http://127.0.0.1:8780");
        assert_eq!(tokens(&found), ("reg_left_to_write", "reg_left"));
    }

    #[test]
    fn a_token_that_was_left_goes_to_no_other_server() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        login().write(&Environment::of(&[("XDG_CONFIG_HOME", home)])).unwrap();
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
        assert!(matches!(find(Some("env"), None, &env), Err(ConfigError::ServerUrl { .. })));
    }
}
