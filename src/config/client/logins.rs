//! The logins of this user: `client.toml` in the XDG config directory, one entry per server.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::line_number::line_of;
use super::super::{ConfigError, Environment, dirs};

/// A login on one server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Login {
    /// Base URL of the server.
    pub url: String,
    /// The user of the token, for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The token. In a login of this machine's own server, one of scope admin.
    pub token: String,
    /// One of scope write, for everything that does not take an administrator, if `token` is an administrator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_token: Option<String>,
    /// The data directory of a server on this machine, which identifies the server when it comes back under another
    /// URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Directory to use as `BUF_CONFIG_DIR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buf_config_dir: Option<PathBuf>,
}

impl Login {
    /// The token for everything that does not take an administrator.
    #[must_use]
    pub fn usual_token(&self) -> &str {
        self.write_token.as_ref().unwrap_or(&self.token)
    }

    /// Whether `other` is a login on the same server: the same data directory, or the same address elsewhere.
    fn is_of_server_of(&self, other: &Self) -> bool {
        match (&self.data_dir, &other.data_dir) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, None) => self.url == other.url,
            _ => false,
        }
    }
}

/// All logins of this user. If several have one address, because servers with different data directories used it, the
/// first one counts: its server was started last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logins {
    /// The address of the server that commands use unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    /// The entries.
    #[serde(default, rename = "login")]
    entries: Vec<Login>,
}

impl Logins {
    /// The file.
    ///
    /// # Errors
    /// When neither `XDG_CONFIG_HOME` nor `HOME` is set.
    pub fn path(env: &Environment) -> Result<PathBuf, ConfigError> {
        Ok(dirs::config_home(env)?.join("client.toml"))
    }

    /// The logins; none without a file.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let Ok(path) = Self::path(env) else { return Ok(Self::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|error| ConfigError::Logins {
                line: line_of(&text, error.span()),
                message: error.message().lines().next().unwrap_or_default().into(),
                path,
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    /// Earlier programs wrote one login and nothing else.
    fn parse(text: &str) -> Result<Self, toml_edit::de::Error> {
        let is_of_earlier_program = text.parse::<toml_edit::DocumentMut>().is_ok_and(|file| file.contains_key("url"));
        if is_of_earlier_program {
            return Ok(Self { default: None, entries: vec![toml_edit::de::from_str(text)?] });
        }
        toml_edit::de::from_str(text)
    }

    /// Changes the logins, while no other program does. Nothing is written when nothing changes. Returns the file, and
    /// what `change` returned.
    ///
    /// # Errors
    /// When the file cannot be understood or written; it stays as it is.
    pub fn change<T>(env: &Environment, change: impl FnOnce(&mut Self) -> T) -> Result<(PathBuf, T), ConfigError> {
        let path = Self::path(env)?;
        let dir = path.parent().unwrap_or(Path::new("."));
        let unwritable = |source| ConfigError::Unwritable { path: path.clone(), source };
        let _lock = lock(dir).map_err(unwritable)?;
        let mut logins = Self::read(env)?;
        let before = logins.clone();
        let changed = change(&mut logins);
        if logins != before {
            logins.write(dir, &path).map_err(unwritable)?;
        }
        Ok((path, changed))
    }

    /// The file, if it can be read and written: before something is asked of a server that would be lost.
    ///
    /// # Errors
    /// When the file cannot be understood or written.
    pub fn require_writable(env: &Environment) -> Result<PathBuf, ConfigError> {
        let (path, ()) = Self::change(env, |_| ())?;
        let dir = path.parent().unwrap_or(Path::new("."));
        match tempfile::NamedTempFile::new_in(dir) {
            Ok(_) => Ok(path),
            Err(source) => Err(ConfigError::Unwritable { path, source }),
        }
    }

    /// A temporary file is made with mode 0600, so the tokens are at no moment readable for others.
    fn write(&self, dir: &Path, path: &Path) -> std::io::Result<()> {
        let text = toml_edit::ser::to_string_pretty(self).map_err(std::io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        writeln!(file, "# Logins of this user: `registry login`, `registry logout`, `registry server`.\n{text}")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// All entries.
    #[must_use]
    pub fn all(&self) -> &[Login] {
        &self.entries
    }

    /// The login for this address.
    #[must_use]
    pub fn of_url(&self, url: &str) -> Option<&Login> {
        self.entries.iter().find(|login| login.url == url)
    }

    /// The login on the server with this data directory.
    #[must_use]
    pub fn of_data_dir(&self, data_dir: &Path) -> Option<&Login> {
        self.entries.iter().find(|login| login.data_dir.as_deref() == Some(data_dir))
    }

    /// The login that commands use unless told otherwise.
    #[must_use]
    pub fn default_login(&self) -> Option<&Login> {
        self.default.as_deref().and_then(|url| self.of_url(url)).or_else(|| self.entries.first())
    }

    /// Whether commands use this login: another one may have the same address.
    #[must_use]
    pub fn counts(&self, login: &Login) -> bool {
        self.of_url(&login.url) == Some(login)
    }

    /// Adds a login, in place of the one on the same server, and lets it count for its address. The first one is the
    /// default; if the default server has moved, the default moves with it.
    pub fn put(&mut self, login: Login) {
        let default = self.default_login().filter(|default| !default.is_of_server_of(&login)).map(|it| it.url.clone());
        self.default = Some(default.unwrap_or_else(|| login.url.clone()));
        let before = self.entries.iter().position(|entry| entry.is_of_server_of(&login) || entry.url == login.url);
        let place = before.unwrap_or(self.entries.len());
        self.entries.retain(|entry| !entry.is_of_server_of(&login));
        self.entries.insert(place.min(self.entries.len()), login);
    }

    /// Removes the logins for this address. Returns how many there were.
    pub fn remove(&mut self, url: &str) -> usize {
        let before = self.entries.len();
        self.entries.retain(|login| login.url != url);
        if self.default.as_deref() == Some(url) {
            self.default = self.entries.first().map(|login| login.url.clone());
        }
        before - self.entries.len()
    }

    /// Makes the server at `url` the default; false if there is no login for it.
    pub fn set_default(&mut self, url: &str) -> bool {
        let known = self.of_url(url).is_some();
        if known {
            self.default = Some(url.to_owned());
        }
        known
    }
}

/// A lock that programs hold while they change the logins. It is on a file of its own, because the other one is
/// replaced.
fn lock(dir: &Path) -> std::io::Result<File> {
    std::fs::create_dir_all(dir)?;
    let file = File::create(dir.join(".client.toml.lock"))?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(url: &str, data_dir: Option<&str>) -> Login {
        let (url, token) = (url.to_owned(), format!("reg_{url}"));
        Login { url, token, data_dir: data_dir.map(PathBuf::from), ..Login::default() }
    }

    fn urls(logins: &Logins) -> Vec<&str> {
        logins.all().iter().map(|login| login.url.as_str()).collect()
    }

    #[test]
    fn the_logins_come_back_and_only_their_owner_may_read_them() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment::of(&[("XDG_CONFIG_HOME", home.path().to_str().unwrap())]);
        assert_eq!(Logins::read(&env).unwrap(), Logins::default());
        let (path, ()) = Logins::change(&env, |logins| logins.put(login("http://a", Some("/a")))).unwrap();
        Logins::change(&env, |logins| logins.put(login("https://b", None))).unwrap();
        let logins = Logins::read(&env).unwrap();
        assert_eq!(urls(&logins), ["http://a", "https://b"]);
        assert_eq!(logins.default_login().unwrap().url, "http://a");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!Logins::change(&env, |logins| logins.set_default("https://c")).unwrap().1);
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written, "nothing had changed");
    }

    #[test]
    fn a_login_of_an_earlier_program_is_read_and_kept() {
        let text = "# ours\nurl = \"http://a\"\ntoken = \"reg_x\"\ndata-dir = \"/d\"\nbuf-config-dir = \"/b\"\n";
        let mut logins = Logins::parse(text).unwrap();
        assert_eq!(logins.default_login().unwrap().usual_token(), "reg_x");
        assert_eq!(logins.of_data_dir(Path::new("/d")).unwrap().buf_config_dir.as_deref(), Some(Path::new("/b")));
        logins.put(login("https://b", None));
        assert_eq!(urls(&logins), ["http://a", "https://b"]);
        assert_eq!(logins.default_login().unwrap().url, "http://a");
        assert!(Logins::parse("url = 3").is_err());
        assert!(Logins::parse("registry = \"theirs\"").is_err());
    }

    #[test]
    fn a_server_that_moved_keeps_its_place_and_stays_the_default() {
        let mut logins = Logins::default();
        logins.put(login("http://a", Some("/a")));
        logins.put(login("http://b", Some("/b")));
        logins.put(login("http://moved", Some("/a")));
        assert_eq!(urls(&logins), ["http://moved", "http://b"]);
        assert_eq!(logins.default_login().unwrap().url, "http://moved");
    }

    #[test]
    fn another_data_directory_at_the_same_address_takes_over_and_gives_back() {
        let mut logins = Logins::default();
        logins.put(login("http://a", Some("/first")));
        logins.put(login("http://a", Some("/second")));
        assert_eq!(logins.of_url("http://a").unwrap().data_dir.as_deref(), Some(Path::new("/second")));
        assert!(logins.of_data_dir(Path::new("/first")).is_some_and(|first| !logins.counts(first)));
        logins.put(login("http://a", Some("/first")));
        assert_eq!(logins.of_url("http://a").unwrap().data_dir.as_deref(), Some(Path::new("/first")));
        assert_eq!(logins.all().len(), 2);
    }

    #[test]
    fn a_logout_removes_every_login_for_the_address_and_names_another_default() {
        let mut logins = Logins::default();
        for (url, data_dir) in [("http://a", Some("/first")), ("http://a", Some("/second")), ("https://b", None)] {
            logins.put(login(url, data_dir));
        }
        assert_eq!(logins.remove("http://a"), 2);
        assert_eq!(logins.default_login().unwrap().url, "https://b");
        assert_eq!((logins.remove("https://b"), logins.remove("https://b")), (1, 0));
        assert_eq!(logins, Logins::default());
    }
}
