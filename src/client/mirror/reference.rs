//! Parses the module or commit to mirror from another registry.

use std::str::FromStr;

use crate::model::CommitId;
use crate::module::{ConfigProblem, DependencyRef};

/// A module of another registry at a label or commit, `HOST/OWNER/MODULE[:REF]`, or a commit alone, `HOST/COMMIT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorRef {
    /// `HOST` or `HOST:PORT`.
    pub host: String,
    /// The module or commit to mirror from there.
    pub target: MirrorTarget,
}

/// The module or commit to mirror from a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorTarget {
    /// A module; without a reference, the head of its default label.
    Module(DependencyRef),
    /// A commit of any module: the refusal of a push names only the id.
    Commit(CommitId),
}

impl FromStr for MirrorRef {
    type Err = ConfigProblem;

    fn from_str(text: &str) -> Result<Self, ConfigProblem> {
        if let Some((host, rest)) = text.split_once('/')
            && let Ok(commit) = rest.parse()
            && !host.is_empty()
        {
            return Ok(Self { host: host.into(), target: MirrorTarget::Commit(commit) });
        }
        let module: DependencyRef = text.parse()?;
        Ok(Self { host: module.remote.clone(), target: MirrorTarget::Module(module) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_or_a_commit_is_named_with_its_registry() {
        let id = "00112233445566778899aabbccddeeff";
        let wanted: MirrorRef = format!("127.0.0.1:80/{id}").parse().unwrap();
        let target = MirrorTarget::Commit(id.parse().unwrap());
        assert_eq!(wanted, MirrorRef { host: "127.0.0.1:80".into(), target });
        let wanted: MirrorRef = "buf.build/googleapis/googleapis:main".parse().unwrap();
        assert_eq!(wanted.host, "buf.build");
        let MirrorTarget::Module(module) = wanted.target else { panic!("no module") };
        assert_eq!(module.reference.as_deref(), Some("main"));
        for bad in ["googleapis/googleapis", "buf.build", "/00112233445566778899aabbccddeeff", "buf.build/a/b/c"] {
            assert!(bad.parse::<MirrorRef>().is_err(), "{bad}");
        }
    }
}
