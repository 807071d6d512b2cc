//! Directories as configuration files name them: relative, inside the workspace, compared without a file system.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::ConfigProblem;

/// A normalised directory relative to some base; the base itself is written `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::module::workspace) struct Directory(Vec<String>);

impl Directory {
    /// Reads a path of a configuration file, such as `./proto/` or `proto/../other`.
    pub(in crate::module::workspace) fn parse(text: &str) -> Result<Self, ConfigProblem> {
        let outside = || ConfigProblem::OutsideDirectory(text.into());
        if text.starts_with('/') || text.contains(['\\', '\0']) {
            return Err(outside());
        }
        let mut parts = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(outside)?;
                }
                name => parts.push(name.to_owned()),
            }
        }
        Ok(Self(parts))
    }

    /// The directory of `path` below `base`; none if it is elsewhere, or no text.
    pub(in crate::module::workspace) fn below(base: &Path, path: &Path) -> Option<Self> {
        let relative = path.strip_prefix(base).ok()?;
        relative.iter().map(|part| part.to_str().map(str::to_owned)).collect::<Option<_>>().map(Self)
    }

    /// Whether `other` is this directory or lies in it.
    pub(in crate::module::workspace) fn holds(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// `other` as seen from this directory, which must hold it.
    pub(in crate::module::workspace) fn relative(&self, other: &Self) -> Option<Self> {
        other.0.strip_prefix(self.0.as_slice()).map(|rest| Self(rest.to_vec()))
    }

    /// The directory as a path below `base`.
    pub(in crate::module::workspace) fn on(&self, base: &Path) -> PathBuf {
        self.0.iter().fold(base.to_owned(), |path, part| path.join(part))
    }
}

impl fmt::Display for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str(".") } else { f.write_str(&self.0.join("/")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_normalised_and_stay_inside() {
        for (text, expected) in [("", "."), ("./proto/", "proto"), ("a/../b//c", "b/c"), (".", ".")] {
            assert_eq!(Directory::parse(text).unwrap().to_string(), expected);
        }
        for outside in ["/etc", "..", "a/../../b", "a\\b"] {
            assert!(Directory::parse(outside).is_err(), "{outside} was accepted");
        }
    }

    #[test]
    fn a_directory_holds_itself_and_what_lies_below_but_no_namesake() {
        let parse = |text| Directory::parse(text).unwrap();
        assert!(parse("a").holds(&parse("a")) && parse("a").holds(&parse("a/b")) && parse(".").holds(&parse("a")));
        assert!(!parse("a").holds(&parse("ab")) && !parse("a/b").holds(&parse("a")));
        assert_eq!(parse("a").relative(&parse("a/b/c")), Some(parse("b/c")));
    }
}
