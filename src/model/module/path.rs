//! Paths of files inside a module.

use std::fmt;
use std::str::FromStr;

use crate::model::is_hidden;

/// Most bytes of a path, the limit that the BSR documents.
const MAX_BYTES: usize = 4096;

/// Why a text is not the path of a module's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is empty or too long.
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
    /// A character that makes the path look like another one.
    #[error("file path {0:?} holds {1:?}, which is not seen; rename the file")]
    Hidden(String, char),
    /// A component that no file on Windows can have.
    #[error("file path {0:?} cannot be checked out on Windows: {1:?} {2}; rename it")]
    NotPortable(String, String, &'static str),
}

/// A relative path with `/` between its components, which every file system can hold: no `.`, no `..`, no backslash, no
/// character that is not seen, no name that Windows keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(String);

impl FilePath {
    /// A path that was checked when it was stored, by the rules of that time.
    #[must_use]
    pub fn from_stored(path: String) -> Self {
        Self(path)
    }

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
        if let Some(hidden) = text.chars().find(|c| is_hidden(*c)) {
            return Err(PathError::Hidden(text.into(), hidden));
        }
        let drive = text.len() >= 2 && text.as_bytes()[1] == b':' && text.as_bytes()[0].is_ascii_alphabetic();
        if text.starts_with('/') || drive {
            return Err(PathError::Absolute(text.into()));
        }
        if text.split('/').any(|component| matches!(component, "" | "." | "..")) {
            return Err(PathError::Component(text.into()));
        }
        for component in text.split('/') {
            if let Some(fault) = fault_on_windows(component) {
                return Err(PathError::NotPortable(text.into(), component.into(), fault));
            }
        }
        Ok(Self(text.into()))
    }
}

/// Why Windows cannot hold a file or directory of this name, if so. Names of devices such as `aux.proto` are not among
/// them: `buf` takes them, newer systems can hold them, and the crates call such files otherwise
/// (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
fn fault_on_windows(component: &str) -> Option<&'static str> {
    if component.ends_with(['.', ' ']) {
        return Some("ends in a dot or a blank");
    }
    if component.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Some("holds one of < > : \" | ? *");
    }
    None
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
    fn names_that_windows_keeps_for_itself_are_refused() {
        for bad in ["a./x.proto", "a /x.proto", "ab:c.proto", "q?.proto", "a*.proto"] {
            assert!(matches!(bad.parse::<FilePath>(), Err(PathError::NotPortable(..))), "{bad:?} was accepted");
        }
        for good in [
            "aux.proto",
            "a/nul.v1.proto",
            "com1/x.proto",
            "console.proto",
            "auxiliary.proto",
            "com.proto",
            "com0.proto",
            "com10.proto",
            "a/nullable.proto",
            "v1.aux.proto",
        ] {
            assert!(good.parse::<FilePath>().is_ok(), "{good:?} was refused");
        }
    }

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
            "a\u{202e}otorp.proto",
            "a\u{200b}.proto",
        ] {
            assert!(bad.parse::<FilePath>().is_err(), "{bad:?} was accepted");
        }
    }
}
