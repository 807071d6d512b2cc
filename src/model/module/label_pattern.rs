//! Patterns of label names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::label::{LabelError, LabelName, check_characters};

/// A pattern for labels: a name in which each `*` matches any characters, slashes too, or none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelPattern(String);

impl LabelPattern {
    /// Whether `label` matches.
    #[must_use]
    pub fn matches(&self, label: &LabelName) -> bool {
        let Some((start, rest)) = self.0.split_once('*') else { return self.0 == label.as_str() };
        let Some(mut text) = label.as_str().strip_prefix(start) else { return false };
        let mut parts: Vec<&str> = rest.split('*').collect();
        let end = parts.pop().unwrap_or_default();
        for part in parts {
            // The leftmost match leaves most for the remaining parts.
            let Some(at) = text.find(part) else { return false };
            text = &text[at + part.len()..];
        }
        text.ends_with(end)
    }
}

impl FromStr for LabelPattern {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        check_characters(text)?;
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for LabelPattern {
    type Error = LabelError;

    fn try_from(pattern: String) -> Result<Self, LabelError> {
        pattern.parse()
    }
}

impl From<LabelPattern> for String {
    fn from(pattern: LabelPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for LabelPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, meant, not_meant) in [
            ("next", &["next"][..], &["nex", "next/1", "the-next"][..]),
            ("release/*", &["release/1", "release/", "release/1/rc"], &["release", "prerelease/1", "Release/1"]),
            ("*", &["x", "a/b", "release/*"], &[]),
            ("*-rc", &["1-rc", "-rc", "a-rc-rc"], &["1-rc2", "rc"]),
            ("v*.*.x", &["v1.2.x", "v..x", "v1.2.3.x"], &["v1.x", "v12x"]),
            ("a*a", &["aa", "aba"], &["a", "ab"]),
            ("**b**", &["b", "abc"], &["ac"]),
        ] {
            let pattern: LabelPattern = pattern.parse().unwrap();
            let matches = |label: &&str| pattern.matches(&label.parse().unwrap());
            assert!(meant.iter().all(matches), "{pattern}: {meant:?}");
            assert!(!not_meant.iter().any(matches), "{pattern}: {not_meant:?}");
        }
    }

    #[test]
    fn what_no_label_could_match_is_no_pattern() {
        for bad in ["", "a:*", "a,*", "tab\t*", &"*".repeat(251)] {
            assert!(bad.parse::<LabelPattern>().is_err(), "{bad:?} was accepted");
        }
    }
}
