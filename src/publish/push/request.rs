//! The request for a push, and its result.

use std::collections::BTreeSet;

use super::dependencies::DependencyError;
use super::gate::breaking_changes::BreakingChanges;
use super::gate::taken_names::TakenNames;
use crate::breaking::UnknownRule;
use crate::compile::CompileError;
use crate::model::{BreakingConfig, CommitId, Diagnostics, LabelName, LimitExceeded, ModuleId, ModuleName, Snapshot};
use crate::publish::commit_options::ModuleOptionsError;
use crate::store::{Author, Commit, Module, SdkKey, StoreError, Viewer};

/// A push: checked contents of modules that exist and that the caller may write to.
pub struct Push {
    /// The modules with their content; each module once.
    pub contents: Vec<PushContent>,
    /// Commits of other modules that the contents depend on.
    pub dependencies: Vec<CommitId>,
    /// The user that pushes.
    pub by: Author,
    /// The viewer that must be allowed to read the dependencies; without one there is no restriction.
    pub viewer: Option<Viewer>,
    /// Whether an admin lets it through although the gate refuses it.
    pub allow_breaking: bool,
}

/// The content of one module.
pub struct PushContent {
    /// The module.
    pub module: Module,
    /// Its files.
    pub snapshot: Snapshot,
    /// The labels to push to; the default label if empty.
    pub labels: Vec<LabelName>,
    /// The address of the sources in version control, or empty.
    pub source_control_url: String,
    /// The `breaking` section of its `buf.yaml`, for its exceptions; `use` is the gate's to say.
    pub breaking: BreakingConfig,
}

impl Push {
    /// The modules that are pushed to.
    pub(super) fn modules(&self) -> Vec<ModuleId> {
        self.contents.iter().map(|content| content.module.id).collect()
    }
}

impl PushContent {
    /// Whether it goes to the default label.
    pub(super) fn is_release(&self) -> bool {
        self.labels.is_empty() || self.labels.contains(&self.module.default_label)
    }

    pub(super) fn target_labels(&self) -> Vec<LabelName> {
        if self.labels.is_empty() {
            return vec![self.module.default_label.clone()];
        }
        self.labels.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// A push that is durable.
pub struct Pushed {
    /// The commit of each content, in the order of the contents.
    pub commits: Vec<Commit>,
    /// The commits that the push created; the other `commits` existed with the same content.
    pub created: Vec<CommitId>,
    /// The SDKs that are due for the commits.
    pub sdks: Vec<SdkKey>,
    /// What the push breaks, as texts for its reply.
    pub breaking: Vec<String>,
}

/// Checks that no module is in a push twice.
pub(super) fn check_distinct(names: &[ModuleName]) -> Result<(), PushError> {
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, twice)) => Err(PushError::DuplicateModule(twice.clone())),
        None => Ok(()),
    }
}

/// Why a push was refused. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Two contents of the same module.
    #[error("module {0} is in the push twice")]
    DuplicateModule(ModuleName),
    /// The sources do not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The dependencies cannot be used.
    #[error(transparent)]
    Dependency(#[from] DependencyError),
    /// The module options are not valid.
    #[error(transparent)]
    ModuleOptions(#[from] ModuleOptionsError),
    /// The gate refuses what the push breaks.
    #[error(
        "{0}\nnothing was pushed; push to another label, undo these changes, or have an admin of the module run \
         `registry push --allow-breaking`"
    )]
    Breaking(Box<BreakingChanges>),
    /// Other modules of the owner have the same names, and the owner wants them unique.
    #[error("{0}\nnothing was pushed; choose other names, or have an admin of the owner change `--unique-names`")]
    NamesTaken(Box<TakenNames>),
    /// The gate names a rule that does not exist.
    #[error(transparent)]
    BreakingRule(#[from] UnknownRule),
    /// Other pushes to the same modules came first, again and again.
    #[error("other pushes to these modules came in between; push again")]
    Overtaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PushError {
    /// The limit that the push exceeded, if it was refused for that.
    #[must_use]
    pub fn exceeded_limit(&self) -> Option<&LimitExceeded> {
        match self {
            Self::Compile(CompileError::Limit(limit)) => Some(limit),
            _ => None,
        }
    }

    /// What is wrong in the sources, if it was refused for that.
    #[must_use]
    pub fn findings(&self) -> Option<&Diagnostics> {
        match self {
            Self::Compile(CompileError::Invalid(findings)) => Some(findings),
            _ => None,
        }
    }

    /// Whether the same push may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Overtaken | Self::Compile(CompileError::Busy | CompileError::Threads(_)))
    }
}
