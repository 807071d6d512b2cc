//! What is done with names that another module of the same owner has already.

use std::fmt;
use std::str::FromStr;

/// What is done with a push that brings a type or a file that another module of its owner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UniqueNames {
    /// Nothing.
    #[default]
    Off,
    /// The push is taken, and its reply names them.
    Warn,
    /// The push is refused.
    Refuse,
}

/// A text that is no such word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither off, warn nor refuse")]
pub struct UniqueNamesError(String);

impl UniqueNames {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Refuse];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}

impl FromStr for UniqueNames {
    type Err = UniqueNamesError;

    fn from_str(text: &str) -> Result<Self, UniqueNamesError> {
        let found = Self::ALL.into_iter().find(|word| word.as_str() == text);
        found.ok_or_else(|| UniqueNamesError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for UniqueNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
