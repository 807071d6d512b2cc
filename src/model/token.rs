//! Tokens: the secret of the user, the hash in the store, and the scope.

use std::fmt;
use std::str::FromStr;

use super::Sha256Digest;

/// The prefix of every secret, by which scanners find a leaked one.
const PREFIX: &str = "reg_";

/// The prefix of a session cookie: a secret too, but no token.
const SESSION_PREFIX: &str = "session_";

/// A token as its user holds it. It never shows in debug output; [`TokenSecret::reveal`] is the only way out.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

impl TokenSecret {
    /// A secret over these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 24]) -> Self {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{PREFIX}{digits}"))
    }

    /// A secret over these random bytes that stands for a sign-in in a browser: scanners need not look for it.
    #[must_use]
    pub fn of_session(bytes: [u8; 24]) -> Self {
        let Self(secret) = Self::from_random(bytes);
        Self(secret.replacen(PREFIX, SESSION_PREFIX, 1))
    }

    /// A secret that a caller presented. Every text without white space is accepted here: the hash decides.
    #[must_use]
    pub fn presented(text: &str) -> Option<Self> {
        let plausible = !text.is_empty() && text.len() <= 256 && text.chars().all(|c| c.is_ascii_graphic());
        plausible.then(|| Self(text.into()))
    }

    /// Its hash, which the store keeps.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256Digest::of(self.0.as_bytes()))
    }

    /// The secret itself, to be shown once or sent.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// SHA-256 of a secret. The secrets are 192 random bits, so a slow hash would protect nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub Sha256Digest);

/// The scope of a token; each includes the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read modules and crates.
    Read,
    /// Also push, and create modules.
    Write,
    /// Also manage users, tokens and everything else.
    Admin,
}

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scope {0:?} is unknown; use read, write or admin")]
pub struct ScopeError(String);

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            other => Err(ScopeError(other.into())),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = TokenSecret::from_random([0xab; 24]);
        assert_eq!(format!("{secret:?}"), "TokenSecret(…)");
        assert!(secret.reveal().starts_with("reg_abab") && secret.reveal().len() == 52);
        assert_eq!(TokenSecret::presented(secret.reveal()), Some(secret));
        assert_eq!(TokenSecret::presented("two words"), None);
    }

    #[test]
    fn scopes_include_those_before_them() {
        assert!(Scope::Read < Scope::Write && Scope::Write < Scope::Admin);
        assert_eq!("write".parse(), Ok(Scope::Write));
        assert!("owner".parse::<Scope>().is_err());
    }
}
