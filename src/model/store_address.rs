//! The address of a store that several servers share, and where the password for it is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database on a server, `postgres://USER@HOST/NAME`. It may hold a password, which nothing shows.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreAddress(String);

/// A text that is no such address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address of a store; write postgres://USER@HOST/NAME")]
pub struct StoreAddressError(String);

impl StoreAddress {
    /// Whether `text` is meant as such an address, and not as a path.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// The address with its password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreAddress {
    type Err = StoreAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if Self::is_meant(text) { Ok(Self(text.to_owned())) } else { Err(StoreAddressError(without_password(text))) }
    }
}

/// Without the password.
impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where the password is when the address has none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PasswordSource {
    /// The password itself, as `PGPASSWORD` has it.
    pub password: Option<String>,
    /// A file in the format of `.pgpass`; it need not exist.
    pub file: Option<PathBuf>,
}

impl fmt::Debug for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordSource").field("file", &self.file).finish_non_exhaustive()
    }
}

/// The text of an address without a password, in whichever of its two places that is.
fn without_password(text: &str) -> String {
    let (base, query) = text.split_once('?').map_or((text, None), |(base, query)| (base, Some(query)));
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    let base = match rest.rsplit_once('@') {
        Some((account, host)) => {
            let user = account.split_once(':').map_or(account, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => base.to_owned(),
    };
    let kept: Vec<_> =
        query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.starts_with("password=")).collect();
    if kept.is_empty() { base } else { format!("{base}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_password() {
        let address: StoreAddress =
            "postgres://registry:s%40cret@db.example:6543/acme?sslmode=verify-full&password=other".parse().unwrap();
        assert_eq!(address.to_string(), "postgres://registry@db.example:6543/acme?sslmode=verify-full");
        assert_eq!(format!("{address:?}"), address.to_string());
        assert!(address.reveal().contains("s%40cret"));
        let passwords = PasswordSource { password: Some("secret".into()), file: None };
        assert!(!format!("{passwords:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_address_is_told_without_its_password() {
        let error = "mysql://registry:secret@db/acme".parse::<StoreAddress>().unwrap_err().to_string();
        assert_eq!(error, "\"mysql://registry@db/acme\" is no address of a store; write postgres://USER@HOST/NAME");
        for text in ["", "/var/lib/registry", "db.example/acme"] {
            text.parse::<StoreAddress>().unwrap_err();
        }
    }
}
