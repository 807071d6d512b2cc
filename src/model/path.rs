//! Paths of files inside a module.

use std::fmt;
use std::str::FromStr;

/// Most bytes of a path, the limit that the BSR documents.
const MAX_BYTES: usize = 4096;

/// Why a text is not the path of a module's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing there, or too much.
    #[error("file path {0:?} has {1} bytes; it must have 1 to {MAX_BYTES}")]
    Length(String, usize),
    /// The path starts at the root of a file system.
    #[error("file path {0:?} is absolute; paths are relative to the module's directory")]
    Absolute(String),
    /// The path leaves the module or names a directory twice.
    #[error("file path {0:?} holds an empty, `.` or `..` component; write it without")]
    Component(String),
    /// A separator of another system, or a character that breaks archives and terminals.
    #[error("file path {0:?} holds {1:?}; components are separated by `/`, and control characters are not allowed")]
    Character(String, char),
}

/// A relative path with `/` between its components: no `.`, no `..`, no backslash, no control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(String);

impl FilePath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a Protobuf source: the ending is compared as it is, `Up.PROTO` is none.
    #[must_use]
    pub fn is_proto(&self) -> bool {
        self.0.ends_with(".proto")
    }
}

impl FromStr for FilePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(PathError::Length(text.into(), text.len()));
        }
        if let Some(bad) = text.chars().find(|c| *c == '\\' || c.is_control()) {
            return Err(PathError::Character(text.into(), bad));
        }
        let drive = text.len() >= 2 && text.as_bytes()[1] == b':' && text.as_bytes()[0].is_ascii_alphabetic();
        if text.starts_with('/') || drive {
            return Err(PathError::Absolute(text.into()));
        }
        if text.split('/').any(|component| matches!(component, "" | "." | "..")) {
            return Err(PathError::Component(text.into()));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_module() {
        for good in ["a.proto", "a/b-c/d.proto", ".hidden/x.proto", "a/ x y.proto", "é.proto"] {
            assert_eq!(good.parse::<FilePath>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "/a.proto",
            "../a.proto",
            "a/../b.proto",
            "./a.proto",
            "a//b.proto",
            "a\\b.proto",
            "C:/a.proto",
            "a\n.proto",
            "a/",
        ] {
            assert!(bad.parse::<FilePath>().is_err(), "{bad:?} was accepted");
        }
    }
}
