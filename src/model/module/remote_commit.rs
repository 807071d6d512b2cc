//! Modules and commits of another registry, as received: the importing code checks them.

use bytes::Bytes;

use crate::model::{CommitId, FilesDigest, LabelName, ModuleDigest, ModuleFile, ModuleName, Timestamp};

/// A module as its own registry describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignModule {
    /// Its name, here and there.
    pub name: ModuleName,
    /// Whether everybody may read it there.
    pub public: bool,
    /// Whether its users are advised to move to another module.
    pub deprecated: bool,
    /// Free text for people; may be empty.
    pub description: String,
    /// The URL of its web page; may be empty.
    pub url: String,
    /// The label that unlabelled references mean.
    pub default_label: LabelName,
}

/// A commit as its own registry describes it. Whether the files have the digest has not been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignCommit {
    /// The module that it belongs to.
    pub module: ModuleName,
    /// Its id, here and there.
    pub id: CommitId,
    /// When it was made there.
    pub created: Timestamp,
    /// The B5 digest over its files and all that it depends on.
    pub digest: ModuleDigest,
    /// All commits that it needs, direct and transitive, as they were frozen with it.
    pub dependencies: Vec<ForeignDependency>,
    /// The address of its sources; empty if it is not known.
    pub source_control_url: String,
    /// Its files; empty if they were not requested.
    pub files: Vec<ModuleFile>,
    /// The `buf.yaml` and `buf.lock` that it was pushed with, where its registry kept those.
    pub v1_files: Vec<ModuleFile>,
    /// The b4 digest over all of these files; absent if its registry does not know it.
    pub b4_digest: Option<FilesDigest>,
    /// Its module options, the text of `registry.yaml`; none if its registry has no such file.
    pub options: Option<Bytes>,
}

/// A commit that a [`ForeignCommit`] needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignDependency {
    /// The commit.
    pub commit: CommitId,
    /// Whether it is imported by the module's own files, rather than by another dependency.
    pub direct: bool,
}
