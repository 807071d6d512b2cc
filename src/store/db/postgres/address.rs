//! The address of a database on a server: `postgres://user@host/name?sslmode=verify-full`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres_driver::Config;
use postgres_driver::config::{Host, SslMode};

use super::password_file::{Account, find_password};
use crate::model::{PasswordSource, StoreAddress};

/// What is sent to the server is given up after this time without a sign that it came there.
const SILENCE: Duration = Duration::from_secs(30);

/// How long the server may take to answer whoever connects, if the address does not say `connect_timeout`.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the connection is encrypted, in the words of libpq.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Not at all.
    None,
    /// If the server can; its certificate is not looked at.
    IfPossible,
    /// Always; its certificate is not looked at.
    Always,
    /// Always, with a certificate for its name that the system vouches for, or those in this file.
    Verified(Option<PathBuf>),
}

/// The address of a database, with what is needed to sign in.
#[derive(Clone)]
pub struct DatabaseAddress {
    config: Config,
    pub(super) encryption: Encryption,
    /// How long the server may take to answer whoever connects.
    pub(super) patience: Duration,
    shown: String,
    /// The file that the password is from, which may get another one while the server runs.
    file: Option<PasswordFile>,
}

/// A file with the password of an account, and what that was when it was last accepted or refused.
#[derive(Clone)]
struct PasswordFile {
    path: PathBuf,
    account: Account,
    known: Arc<Mutex<Option<String>>>,
}

/// Why an address is none.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read.
    #[error("the address of the store cannot be read: {0}; write postgres://USER@HOST/NAME")]
    Unreadable(String),
    /// It names no user.
    #[error("{0} names no user; write postgres://USER@HOST/NAME")]
    NoUser(String),
    /// `sslmode` is another word.
    #[error("sslmode={0} is not known; use disable, prefer, require or verify-full")]
    SslMode(String),
    /// Several servers are named.
    #[error("{0} names several servers; name one")]
    SeveralHosts(String),
    /// The file with the password cannot be used.
    #[error("{path} cannot be used for the password of the store: {problem}")]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl DatabaseAddress {
    /// Reads an address. What it says of the password comes first, then `passwords`.
    ///
    /// # Errors
    /// If it is none, or the file with passwords cannot be used. No error contains a password.
    pub fn parse(address: &StoreAddress, passwords: &PasswordSource) -> Result<Self, AddressError> {
        let (text, shown) = (address.reveal(), address.to_string());
        let (plain, encryption) = take_encryption(text)?;
        let mut config: Config = plain.parse().map_err(|error: postgres_driver::Error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            AddressError::Unreadable(source.unwrap_or_else(|| error.to_string()))
        })?;
        let account = account(&config, &shown)?;
        // What goes over a socket stays on this machine.
        let is_local = matches!(config.get_hosts(), [host] if !matches!(host, Host::Tcp(_)));
        let encryption = if is_local { Encryption::None } else { encryption };
        let mut file = None;
        match (config.get_password(), &passwords.password, &passwords.file) {
            (Some(_), ..) | (None, None, None) => {}
            (None, Some(password), _) => _ = config.password(password),
            (None, None, Some(path)) => file = Some(PasswordFile::read(path, &account)?),
        }
        config.dbname(&account.database).application_name("registry");
        let patience = config.get_connect_timeout().copied().unwrap_or(PATIENCE);
        // The name may stand for two addresses, one of which nobody answers.
        config.connect_timeout(patience.mul_f32(0.45)).keepalives_idle(SILENCE).keepalives_interval(SILENCE / 3);
        config.keepalives_retries(3).tcp_user_timeout(SILENCE);
        config.ssl_mode(match encryption {
            Encryption::None => SslMode::Disable,
            Encryption::IfPossible => SslMode::Prefer,
            Encryption::Always | Encryption::Verified(_) => SslMode::Require,
        });
        Ok(Self { config, encryption, patience, shown, file })
    }

    /// How to connect, with the password that is known.
    pub(super) fn config(&self) -> Config {
        let mut config = self.config.clone();
        if let Some(password) = self.file.as_ref().and_then(PasswordFile::known) {
            config.password(password);
        }
        config
    }

    /// Reads the file with the password again, after that was refused; `false` if it has no other one.
    pub(super) fn has_new_password(&self) -> bool {
        self.file.as_ref().is_some_and(PasswordFile::has_changed)
    }

    /// The address for people, without the password, in the place of the path of a file.
    pub(in crate::store) fn as_path(&self) -> &Path {
        Path::new(&self.shown)
    }
}

/// Without the password.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl PasswordFile {
    fn read(path: &Path, account: &Account) -> Result<Self, AddressError> {
        let unusable = |problem: String| AddressError::PasswordFile { path: path.to_owned(), problem };
        let found = find_password(path, account).map_err(|error| unusable(error.to_string()))?;
        Ok(Self { path: path.to_owned(), account: account.clone(), known: Arc::new(Mutex::new(found)) })
    }

    fn known(&self) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn has_changed(&self) -> bool {
        match find_password(&self.path, &self.account) {
            Ok(Some(found)) => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                let is_new = known.as_ref() != Some(&found);
                *known = Some(found);
                is_new
            }
            Ok(None) => false,
            Err(error) => {
                tracing::warn!(%error, "{} cannot be read again for the password of the store", self.path.display());
                false
            }
        }
    }
}

/// Whose password is looked for.
fn account(config: &Config, shown: &str) -> Result<Account, AddressError> {
    let user = config.get_user().ok_or_else(|| AddressError::NoUser(shown.to_owned()))?.to_owned();
    let host = match config.get_hosts() {
        [Host::Tcp(host)] => host.clone(),
        // As libpq does: a socket is on this machine.
        #[cfg(unix)]
        [Host::Unix(_)] => "localhost".to_owned(),
        [] => return Err(AddressError::Unreadable("it names no host".into())),
        _ => return Err(AddressError::SeveralHosts(shown.to_owned())),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().unwrap_or(&user).to_owned();
    Ok(Account { host, port, database, user })
}

/// The address without what only this program understands, and how the connection is encrypted.
fn take_encryption(text: &str) -> Result<(String, Encryption), AddressError> {
    let Some((base, query)) = text.split_once('?') else { return Ok((text.to_owned(), Encryption::IfPossible)) };
    let (mut mode, mut roots, mut rest) = (None, None, vec![]);
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => {
                let path = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
                roots = Some(PathBuf::from(path));
            }
            _ => rest.push(pair),
        }
    }
    let encryption = match (mode, roots) {
        (Some("verify-full"), roots) => Encryption::Verified(roots),
        (None, Some(roots)) => Encryption::Verified(Some(roots)),
        (Some("disable"), _) => Encryption::None,
        (Some("require"), _) => Encryption::Always,
        (None | Some("prefer"), _) => Encryption::IfPossible,
        (Some(other), _) => return Err(AddressError::SslMode(other.to_owned())),
    };
    let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    Ok((plain, encryption))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseAddress, AddressError> {
        DatabaseAddress::parse(&text.parse().unwrap(), &PasswordSource::default())
    }

    #[test]
    fn an_address_says_where_and_how_and_shows_no_password() {
        let address =
            parse("postgres://registry:s%40cret@db.example:6543/acme?sslmode=verify-full&password=other").unwrap();
        assert_eq!(address.to_string(), "postgres://registry@db.example:6543/acme?sslmode=verify-full");
        assert_eq!(format!("{address:?}"), address.to_string());
        assert_eq!(address.encryption, Encryption::Verified(None));
        assert_eq!((address.config().get_ports(), address.patience), (&[6543][..], PATIENCE));
        let hasty = parse("postgres://registry@db/acme?connect_timeout=2").unwrap();
        assert_eq!(hasty.patience, Duration::from_secs(2));
        let local = parse("postgresql:///acme?host=/run/postgresql&user=registry").unwrap();
        assert_eq!((&local.encryption, local.config().get_dbname()), (&Encryption::None, Some("acme")));
        let roots = parse("postgres://registry@db/?sslrootcert=/etc/my%20ca.pem").unwrap();
        assert_eq!(roots.encryption, Encryption::Verified(Some("/etc/my ca.pem".into())));
        assert_eq!(roots.config().get_dbname(), Some("registry"), "named after its user");
    }

    #[test]
    fn what_is_no_address_is_told_without_its_password() {
        for (text, told) in [
            ("postgres://db/acme", "names no user"),
            ("postgres://registry@db/acme?sslmode=perhaps", "sslmode=perhaps is not known"),
            ("postgres://registry:secret@a,b/acme", "postgres://registry@a,b/acme names several servers"),
            ("postgres://registry:secret@db:many/acme", "cannot be read"),
            ("postgres://registry:secret@db/acme?color=red", "cannot be read"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("secret") && error.lines().count() == 1, "{text}: {error}");
        }
    }

    #[test]
    fn a_password_comes_from_the_first_place_that_has_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("passwords");
        std::fs::write(&file, "db:5432:acme:registry:of the file\n").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let password = |text: &str, password: Option<&str>| {
            let source = PasswordSource { password: password.map(Into::into), file: Some(file.clone()) };
            let address = DatabaseAddress::parse(&text.parse().unwrap(), &source).unwrap();
            address.config().get_password().map(|password| String::from_utf8_lossy(password).into_owned())
        };
        assert_eq!(password("postgres://registry:own@db/acme", Some("x")).as_deref(), Some("own"));
        assert_eq!(password("postgres://registry@db/acme", Some("given")).as_deref(), Some("given"));
        assert_eq!(password("postgres://registry@db/acme", None).as_deref(), Some("of the file"));
        assert_eq!(password("postgres://other@db/acme", None), None);
        let source = PasswordSource { password: None, file: Some(file.clone()) };
        let address = DatabaseAddress::parse(&"postgres://registry@db/acme".parse().unwrap(), &source).unwrap();
        assert!(!address.has_new_password());
        std::fs::write(&file, "db:5432:acme:registry:another\n").unwrap();
        assert!(address.has_new_password() && !address.clone().has_new_password(), "once, for all connections");
        assert_eq!(address.config().get_password(), Some(&b"another"[..]));
        std::fs::remove_file(&file).unwrap();
        assert!(!address.has_new_password());
    }
}
