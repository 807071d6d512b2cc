//! Label names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::{CommitId, is_hidden};

/// Most characters of a label name.
const MAX_CHARACTERS: usize = 250;

/// Why a text is not a label name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Empty, or longer than allowed.
    #[error("label {0:?} has {1} characters; it must have 1 to {MAX_CHARACTERS}")]
    Length(String, usize),
    /// A colon ends a module's name in references, a comma separates labels on command lines.
    #[error("label {0:?} holds {1:?}, which a label may not hold")]
    Character(String, char),
    /// The text would be read as a commit.
    #[error("label {0:?} looks like a commit id; choose another name")]
    LooksLikeCommit(String),
}

/// A label's name: 1 to 250 characters, anything but colons, commas, characters that are not seen,
/// and the shape of a commit id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelName(String);

impl LabelName {
    /// The default label of a module that did not choose one.
    #[must_use]
    pub fn main() -> Self {
        Self("main".into())
    }

    /// A name that was checked when it was stored, by the rules of that time.
    #[must_use]
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LabelName {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        check_characters(text)?;
        if text.parse::<CommitId>().is_ok() {
            return Err(LabelError::LooksLikeCommit(text.into()));
        }
        Ok(Self(text.into()))
    }
}

/// The rules that labels and patterns of labels share.
pub(in crate::model) fn check_characters(text: &str) -> Result<(), LabelError> {
    let length = text.chars().count();
    if length == 0 || length > MAX_CHARACTERS {
        return Err(LabelError::Length(text.into(), length));
    }
    match text.chars().find(|c| is_hidden(*c) || matches!(c, ':' | ',')) {
        Some(bad) => Err(LabelError::Character(text.into(), bad)),
        None => Ok(()),
    }
}

impl TryFrom<String> for LabelName {
    type Error = LabelError;

    fn try_from(name: String) -> Result<Self, LabelError> {
        name.parse()
    }
}

impl From<LabelName> for String {
    fn from(name: LabelName) -> Self {
        name.0
    }
}

impl fmt::Display for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_free_text_within_limits() {
        for good in ["main", "feature/x", "v1.0", "with space", "é"] {
            assert_eq!(good.parse::<LabelName>().unwrap().as_str(), good);
        }
        for bad in ["", "a:b", "a,b", "tab\t", "main\u{200b}", "a\u{202e}b", "0123456789abcdef0123456789abcdef"] {
            assert!(bad.parse::<LabelName>().is_err(), "{bad:?} was accepted");
        }
        assert!("x".repeat(251).parse::<LabelName>().is_err());
    }
}
