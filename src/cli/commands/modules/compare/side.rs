//! One side of a comparison on the command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::cli::error::CliError;
use crate::client::{Client, ComparedDirectory, Origins, PushDirectory, PushError, compared_commit};
use crate::model::{BreakingConfig, ModuleName};
use crate::wire::registry::v1::ComparedVersion;

/// The module that two directories without a name are.
const NAMELESS: &str = "local/compared";

/// A commit of a module, or a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Side {
    /// A module, and a label or commit; without one, its default label.
    Commit(ModuleName, String),
    Directory(PathBuf),
}

impl FromStr for Side {
    type Err = String;

    /// What begins like a path is one; so is what cannot be a module's name but is a directory.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('/') || text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") {
            return Ok(Self::Directory(text.into()));
        }
        let (module, reference) = text.split_once(':').unwrap_or((text, ""));
        match module.parse() {
            Ok(module) => Ok(Self::Commit(module, reference.to_owned())),
            Err(_) if std::path::Path::new(text).is_dir() => Ok(Self::Directory(text.into())),
            Err(error) => Err(format!("{error}; a directory is written with ./ in front")),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(module, reference) if reference.is_empty() => module.fmt(f),
            Self::Commit(module, reference) => write!(f, "{module}:{reference}"),
            Self::Directory(directory) => directory.display().fmt(f),
        }
    }
}

impl Side {
    /// The module, if this names one.
    pub(super) fn module(&self) -> Option<&ModuleName> {
        match self {
            Self::Commit(module, _) => Some(module),
            Self::Directory(_) => None,
        }
    }

    /// The version, and the `breaking` section and files of a directory. A directory is the module `other`, if that is given.
    pub(super) async fn version(
        &self,
        client: &Client,
        other: Option<&ModuleName>,
    ) -> Result<(ComparedVersion, Option<BreakingConfig>, Option<Origins>), CliError> {
        let directory = match self {
            Self::Commit(module, reference) => return Ok((compared_commit(module, reference), None, None)),
            Self::Directory(directory) => directory,
        };
        let read = match other {
            // A workspace says which of its modules it is; a directory with one module is that one.
            Some(name) => PushDirectory::read(directory, None)
                .ok()
                .filter(|read| read.modules().contains(name))
                .map_or_else(|| PushDirectory::read(directory, Some(name.clone())), Ok)?,
            None => PushDirectory::read(directory, None)?,
        };
        let ComparedDirectory { mut modules, origins, .. } = client.compared_directory(read).await?;
        if let Some(name) = other {
            modules.retain(|(module, ..)| module == name);
        }
        match (modules.pop(), modules.is_empty()) {
            (Some((_, version, config)), true) => Ok((version, Some(config), Some(origins))),
            _ => Err(CliError::CannotRun(format!(
                "{} holds several modules; name one on the other side, as OWNER/MODULE",
                directory.display()
            ))),
        }
    }
}

/// The name for directories of which one names no module: that of the other, or one that stands for both. None if each
/// says what it is, or if one side is a commit.
pub(super) fn shared_name(old: &Side, new: &Side) -> Result<Option<ModuleName>, CliError> {
    let (Side::Directory(old), Side::Directory(new)) = (old, new) else { return Ok(None) };
    let named = |directory: &PathBuf| match PushDirectory::read(directory, None) {
        Err(PushError::NoName) => Ok(vec![]),
        read => read.map(|read| read.modules()),
    };
    let (old, new) = (named(old)?, named(new)?);
    Ok(match (old.as_slice(), new.as_slice()) {
        ([], []) => NAMELESS.parse().ok(),
        ([name], []) | ([], [name]) => Some(name.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_path_is_one() {
        for text in ["./proto", "../proto", "/proto", "."] {
            assert_eq!(text.parse(), Ok(Side::Directory(text.into())));
        }
        let module = || "acme/pets".parse().unwrap();
        assert_eq!("acme/pets".parse(), Ok(Side::Commit(module(), String::new())));
        assert_eq!("acme/pets:next".parse(), Ok(Side::Commit(module(), "next".into())));
        assert!("Acme".parse::<Side>().unwrap_err().ends_with("a directory is written with ./ in front"));
    }
}
