//! Mirroring: imports a module of another registry, with its commit ids and its dependencies.

mod import;
mod outline;
mod reference;
mod settings;

pub use import::ImportedCommit;
pub use outline::Outline;
pub use reference::{MirrorRef, MirrorTarget};
pub use settings::ModuleSettings;

use std::collections::BTreeMap;

use crate::client::{Client, ClientError, CreatedModules};
use crate::model::{CommitId, ForeignCommit, ForeignModule, LabelError, LabelName, MirrorPart, ModuleName, Timestamp};
use crate::module::DependencyRef;
use crate::wire::buf::registry::module::v1::ModuleVisibility;
use crate::wire::buf::registry::module::v1::list_labels_request::ArchiveFilter;
use crate::wire::registry::v1::Sdk;

/// The options of a mirror.
#[derive(Debug, Clone, Default)]
pub struct MirrorOptions {
    /// Mirrors the heads of all labels that are not archived, where the module is named without a reference.
    pub all_labels: bool,
    /// The visibility of modules that are created; if none, their visibility at the source, which is followed later.
    pub visibility: Option<ModuleVisibility>,
    /// What is taken over of the requested module beside its commits, texts and state.
    pub parts: Vec<MirrorPart>,
}

/// A step of a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorStep {
    /// Reads the commits to import from the source.
    Outlining,
    /// Imports one commit.
    Importing {
        /// Its number, from 1.
        number: usize,
        /// The number of commits.
        all: usize,
        /// Its module.
        module: ModuleName,
        /// Its id.
        commit: CommitId,
    },
    /// Takes over what the source says of a module beside its commits.
    TakingOver {
        /// The module.
        module: ModuleName,
    },
    /// Lists the crates of the last commit.
    ListingSdks,
}

/// The result of a mirror.
#[derive(Debug, Default)]
pub struct Mirrored {
    /// The commits, dependencies first.
    pub commits: Vec<MirroredCommit>,
    /// The crates of the requested commits.
    pub sdks: Vec<Sdk>,
    /// What changed beside commits, a phrase each.
    pub changes: Vec<String>,
    /// What could not be taken over beside commits, with the reason, a phrase each.
    pub left_out: Vec<String>,
}

/// One commit of a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirroredCommit {
    /// Its module.
    pub module: ModuleName,
    /// Its id, the same in both registries.
    pub commit: CommitId,
    /// When it was created at the source.
    pub created: Timestamp,
    /// The result of its import.
    pub imported: ImportedCommit,
}

/// Why a module was not mirrored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// The registry to mirror from refused, or did not respond.
    #[error("the registry to mirror from: {0}")]
    Source(ClientError),
    /// The registry to mirror to refused, or did not respond.
    #[error(transparent)]
    Target(#[from] ClientError),
    /// The reference is neither a commit nor the name of a label.
    #[error(transparent)]
    Label(#[from] LabelError),
}

impl Client {
    /// Mirrors `wanted` from the registry of `source` to the registry of this client. Calls `on_step` before each step.
    ///
    /// # Errors
    /// When either registry refuses or does not respond. Commits that were imported before stay.
    pub async fn mirror(
        &self,
        source: &Client,
        wanted: &MirrorTarget,
        options: &MirrorOptions,
        on_step: &mut (dyn FnMut(MirrorStep) + Send),
    ) -> Result<Mirrored, MirrorError> {
        let mirror = Mirror { source, target: self, options };
        let mut mirrored = Mirrored::default();
        let mut modules = BTreeMap::new();
        for target in expand(source, wanted, options).await.map_err(MirrorError::Source)? {
            modules.extend(mirror.run(&target, on_step, &mut mirrored).await?);
        }
        let requested = mirrored.commits.last().map(|commit| commit.module.clone());
        for module in modules.values() {
            on_step(MirrorStep::TakingOver { module: module.name.clone() });
            let parts = if Some(&module.name) == requested.as_ref() { &options.parts[..] } else { &[] };
            if !mirror.take_over(module, parts, &mut mirrored).await? {
                break;
            }
        }
        Ok(mirrored)
    }
}

/// The targets of `wanted`: one for each label if all are mirrored. The default label comes first, so that a commit
/// that it shares with another label becomes a release.
async fn expand(
    source: &Client,
    wanted: &MirrorTarget,
    options: &MirrorOptions,
) -> Result<Vec<MirrorTarget>, ClientError> {
    let named = match wanted {
        MirrorTarget::Module(named @ DependencyRef { reference: None, .. }) if options.all_labels => named,
        _ => return Ok(vec![wanted.clone()]),
    };
    let default = source.known_module(&named.module).await?.default_label_name;
    let mut labels = source.labels(&named.module, ArchiveFilter::ARCHIVE_FILTER_UNARCHIVED_ONLY).await?;
    labels.sort_by_key(|label| (label.name != default, label.name.clone()));
    let at = |label: String| MirrorTarget::Module(DependencyRef { reference: Some(label), ..named.clone() });
    Ok(labels.into_iter().map(|label| at(label.name)).collect())
}

/// The source and the target of a mirror.
struct Mirror<'a> {
    source: &'a Client,
    target: &'a Client,
    options: &'a MirrorOptions,
}

impl Mirror<'_> {
    /// Mirrors one target; returns the modules of its commits.
    async fn run(
        &self,
        wanted: &MirrorTarget,
        on_step: &mut (dyn FnMut(MirrorStep) + Send),
        mirrored: &mut Mirrored,
    ) -> Result<BTreeMap<ModuleName, ForeignModule>, MirrorError> {
        on_step(MirrorStep::Outlining);
        let root = self.root(wanted).await.map_err(MirrorError::Source)?;
        let outline = self.source.outline(root).await.map_err(MirrorError::Source)?;
        let all = outline.commits.len();
        for (at, commit) in outline.commits.iter().enumerate() {
            on_step(MirrorStep::Importing { number: at + 1, all, module: commit.module.clone(), commit: commit.id });
            let labels = if commit.id == root { labels(wanted, &outline, commit)? } else { vec![] };
            let imported = self.import(&outline, commit, &labels).await?;
            let module = commit.module.clone();
            mirrored.commits.push(MirroredCommit { module, commit: commit.id, created: commit.created, imported });
        }
        on_step(MirrorStep::ListingSdks);
        if let Some(commit) = outline.commits.last() {
            mirrored.sdks.extend(self.target.sdks(&commit.module, &commit.id.to_string(), None).await?);
        }
        Ok(outline.modules.into_values().map(|module| (module.name.clone(), module)).collect())
    }

    /// Takes over what the source says of `module`; false if the target is too old to do so.
    async fn take_over(
        &self,
        module: &ForeignModule,
        parts: &[MirrorPart],
        mirrored: &mut Mirrored,
    ) -> Result<bool, MirrorError> {
        let settings = self.source.module_settings(module, parts).await.map_err(MirrorError::Source)?;
        let mut request = settings.request;
        if self.options.visibility.is_some() {
            request.visibility = ModuleVisibility::MODULE_VISIBILITY_UNSPECIFIED.into();
        }
        let Some(taken) = self.target.import_settings(request).await? else {
            if !self.options.parts.is_empty() {
                let older = format!("{} is too old to take over more than commits", self.target.url());
                mirrored.left_out.push(older);
            }
            return Ok(false);
        };
        mirrored.changes.extend(taken.changes);
        mirrored.left_out.extend(settings.unread);
        mirrored.left_out.extend(taken.left_out);
        Ok(true)
    }

    /// The commit that `wanted` names.
    async fn root(&self, wanted: &MirrorTarget) -> Result<CommitId, ClientError> {
        let module = match wanted {
            MirrorTarget::Commit(commit) => return Ok(*commit),
            MirrorTarget::Module(module) => module,
        };
        let reference = module.reference.clone().unwrap_or_default();
        let found = self.source.commits(&[(module.module.clone(), reference)]).await?;
        found.first().map(|commit| commit.id).ok_or_else(|| self.source.malformed("it holds no commit"))
    }

    /// Imports one commit, whose dependencies were imported before. A refused commit leaves no new module behind.
    async fn import(
        &self,
        outline: &Outline,
        commit: &ForeignCommit,
        labels: &[LabelName],
    ) -> Result<ImportedCommit, MirrorError> {
        let mut created = CreatedModules::default();
        if let Some(module) = outline.module(commit) {
            let visibility = self.options.visibility.unwrap_or(match module.public {
                true => ModuleVisibility::MODULE_VISIBILITY_PUBLIC,
                false => ModuleVisibility::MODULE_VISIBILITY_PRIVATE,
            });
            created.ensure(self.target, &module.name, visibility, Some(&module.default_label)).await?;
        }
        match self.send(commit, labels).await {
            Ok(imported) => Ok(imported),
            Err(error) => {
                created.take_back(self.target).await;
                Err(error)
            }
        }
    }

    async fn send(&self, commit: &ForeignCommit, labels: &[LabelName]) -> Result<ImportedCommit, MirrorError> {
        // Files that the target has are not sent again; the target compares the digests.
        let commit = match self.target.has_commit(commit.id).await? {
            true => commit.clone(),
            false => self.source.with_files(commit.clone()).await.map_err(MirrorError::Source)?,
        };
        Ok(self.target.import_commit(commit, labels).await?)
    }
}

/// The labels of the imported `root`: a label other than the default label keeps its name, everything else goes to the
/// default label.
fn labels(wanted: &MirrorTarget, outline: &Outline, root: &ForeignCommit) -> Result<Vec<LabelName>, LabelError> {
    let MirrorTarget::Module(DependencyRef { reference: Some(reference), .. }) = wanted else {
        return Ok(vec![]);
    };
    if reference.parse::<CommitId>().is_ok() {
        return Ok(vec![]);
    }
    let label: LabelName = reference.parse()?;
    let is_default = outline.module(root).is_some_and(|module| module.default_label == label);
    Ok(if is_default { vec![] } else { vec![label] })
}
