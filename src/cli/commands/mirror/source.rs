//! What is to be mirrored, as users write it.

use std::str::FromStr;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError, Outline};
use crate::model::{CommitId, ForeignCommit, LabelName};
use crate::module::DependencyRef;

/// A module of another registry at a label or commit, or a commit alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// `HOST` or `HOST:PORT`.
    pub(super) host: String,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Module(DependencyRef),
    /// All that a push tells of a commit that is missing.
    Commit(CommitId),
}

impl Wanted {
    /// The same module at a label.
    pub(super) fn at_label(&self, label: String) -> Self {
        let mut wanted = self.clone();
        if let What::Module(module) = &mut wanted.what {
            module.reference = Some(label);
        }
        wanted
    }

    /// The commit that is meant.
    pub(super) async fn root(&self, source: &Client) -> Result<CommitId, ClientError> {
        let module = match &self.what {
            What::Commit(commit) => return Ok(*commit),
            What::Module(module) => module,
        };
        let reference = module.reference.clone().unwrap_or_default();
        let found = source.commits(&[(module.module.clone(), reference)]).await?;
        let missing = || ClientError::Malformed { url: source.url().into(), what: "it holds no commit".into() };
        found.first().map(|commit| commit.id).ok_or_else(missing)
    }

    /// A label other than the default one is mirrored as that; everything else goes to the default label.
    pub(super) fn labels(&self, outline: &Outline, root: &ForeignCommit) -> Result<Vec<LabelName>, CliError> {
        let What::Module(DependencyRef { reference: Some(reference), .. }) = &self.what else {
            return Ok(vec![]);
        };
        if reference.parse::<CommitId>().is_ok() {
            return Ok(vec![]);
        }
        let label: LabelName =
            reference.parse().map_err(|error: crate::model::LabelError| CliError::Refused(error.to_string()))?;
        let default = outline.module(root).is_some_and(|module| module.default_label == label);
        Ok(if default { vec![] } else { vec![label] })
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((host, rest)) = text.split_once('/')
            && let Ok(commit) = rest.parse()
            && !host.is_empty()
        {
            return Ok(Self { host: host.into(), what: What::Commit(commit) });
        }
        let module: DependencyRef = text.parse().map_err(|error: crate::module::ConfigProblem| error.to_string())?;
        Ok(Self { host: module.remote.clone(), what: What::Module(module) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_or_a_commit_is_named_with_its_registry() {
        let id = "00112233445566778899aabbccddeeff";
        let wanted: Wanted = format!("127.0.0.1:80/{id}").parse().unwrap();
        assert_eq!(wanted, Wanted { host: "127.0.0.1:80".into(), what: What::Commit(id.parse().unwrap()) });
        let wanted: Wanted = "buf.build/googleapis/googleapis:main".parse().unwrap();
        assert_eq!(wanted.host, "buf.build");
        let What::Module(module) = wanted.what else { panic!("no module") };
        assert_eq!(module.reference.as_deref(), Some("main"));
        for bad in ["googleapis/googleapis", "buf.build", "/00112233445566778899aabbccddeeff", "buf.build/a/b/c"] {
            assert!(bad.parse::<Wanted>().is_err(), "{bad}");
        }
    }
}
