//! Pushes a directory: its modules become commits, and the commits become crates.

mod compare;
mod contents;
mod create;
mod dependencies;
mod error;
mod origins;

use std::path::{Path, PathBuf};

use connectrpc::ErrorCode;

pub use compare::{ComparedDirectory, compared_commit};
pub use create::CreatedModules;
pub use dependencies::{PushDependency, PushDependencySource};
pub use error::PushError;
pub use origins::Origins;

use crate::model::{ChangeCounts, CommitId, LabelName, Limits, ModuleName, Snapshot};
use crate::module::{self, Workspace, WrongRoot};
use crate::wire::buf::registry::module::v1::ModuleVisibility;
use crate::wire::registry::v1::Sdk;

use super::{Client, ClientError, UploadContent, Uploaded};
use contents::Content;
use dependencies::ResolvedDependencies;

/// The limits for reading a directory. They are generous, because the server checks its own limits, and its refusal
/// names the flag.
const LIMITS: Limits = Limits {
    body: u64::MAX,
    files: 1_000_000,
    file: 1 << 30,
    nesting: u64::MAX,
    compile_memory: u64::MAX,
    compile_time: u64::MAX,
    sdk: u64::MAX,
};

/// The options of a push.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// The name of the only module; if none, the modules that `buf.yaml` names are pushed.
    pub module: Option<ModuleName>,
    /// Labels to move to the new commits; if none, the default label of each module.
    pub labels: Vec<LabelName>,
    /// Creates modules that do not exist, with this visibility, and their organization if the caller may.
    pub create: Option<ModuleVisibility>,
    /// The URL of the sources; may be empty.
    pub source_control_url: String,
}

/// A step of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushStep {
    /// Resolves the commits that the modules depend on.
    ResolvingDependencies,
    /// Sends this many files; the reply waits for the crates.
    Uploading(usize),
    /// Lists the crates of the new commits.
    ListingSdks,
}

/// The modules of a directory, read and checked, but not pushed yet.
#[derive(Debug)]
pub struct PushDirectory {
    workspace: Workspace,
    contents: Vec<Content>,
}

/// The result of a push.
#[derive(Debug)]
pub struct PushedDirectory {
    /// The modules, by name.
    pub modules: Vec<PushedModule>,
    /// The commits that the modules were compiled against, by name.
    pub dependencies: Vec<PushDependency>,
    /// A warning of the server about a push that succeeded.
    pub warning: Option<String>,
    /// What the push breaks for users of the last release, as a text.
    pub breaking: Option<String>,
    /// Why the crates, or what changed, are not told of a module whose push is stored.
    pub unlisted: Option<ClientError>,
}

/// A module with its new commit, or the commit that held the same content already.
#[derive(Debug)]
pub struct PushedModule {
    /// The module.
    pub name: ModuleName,
    /// Its commit.
    pub commit: CommitId,
    /// Whether the commit existed with the same content.
    pub unchanged: bool,
    /// How many declarations it changed since the commit that its label was at before.
    pub changes: ChangeCounts,
    /// The crates of the commit.
    pub sdks: Vec<Sdk>,
}

impl PushDirectory {
    /// Reads the modules of `directory`: a plain directory of `.proto` files, a module, or a workspace. `module` names
    /// the only one.
    ///
    /// # Errors
    /// When the directory cannot be read, its configuration is wrong, or no module in it has a name.
    pub fn read(directory: &Path, module: Option<ModuleName>) -> Result<Self, PushError> {
        let mut workspace = module::read(directory, &LIMITS)?;
        let contents = contents::choose(&mut workspace, module)?;
        Ok(Self { workspace, contents })
    }

    /// The files of its modules.
    #[must_use]
    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.contents.iter().map(|content| content.snapshot.clone()).collect()
    }

    /// What a plain directory holds beside its sources, and is not pushed.
    #[must_use]
    pub fn left_out(&self) -> &[PathBuf] {
        &self.workspace.left_out
    }

    /// The directory that was meant, if the packages of a plain directory say so.
    #[must_use]
    pub fn wrong_root(&self) -> Option<&WrongRoot> {
        self.workspace.wrong_root.as_ref()
    }

    fn names(&self) -> Vec<ModuleName> {
        self.contents.iter().map(|content| content.module.clone()).collect()
    }
}

impl Client {
    /// Pushes the modules of a directory. Calls `on_step` before each step. The module name in `options` is used when
    /// the directory is read.
    ///
    /// # Errors
    /// When the server refuses the push or does not respond; nothing is left behind then.
    pub async fn push(
        &self,
        directory: PushDirectory,
        options: &PushOptions,
        on_step: &mut (dyn FnMut(PushStep) + Send),
    ) -> Result<PushedDirectory, PushError> {
        let names = directory.names();
        on_step(PushStep::ResolvingDependencies);
        let dependencies = dependencies::resolve(self, &directory.workspace, &names).await?;
        let mut created = CreatedModules::default();
        if let Some(visibility) = options.create
            && !self.has_modules(&names).await?
        {
            for name in &names {
                created.ensure(self, name, visibility, None).await?;
            }
        }
        let files = directory.contents.iter().map(|content| content.snapshot.files().len()).sum();
        on_step(PushStep::Uploading(files));
        let uploaded = match self.upload_contents(directory.contents, options, &dependencies).await {
            Ok(uploaded) => uploaded,
            Err(refused) => {
                created.take_back(self).await;
                return Err(refused);
            }
        };
        on_step(PushStep::ListingSdks);
        Ok(self.pushed(names, uploaded, dependencies).await)
    }

    async fn upload_contents(
        &self,
        contents: Vec<Content>,
        options: &PushOptions,
        dependencies: &ResolvedDependencies,
    ) -> Result<Uploaded, PushError> {
        let names: Vec<_> = contents.iter().map(|content| content.module.clone()).collect();
        let content = |content: Content| UploadContent {
            module: content.module,
            snapshot: content.snapshot,
            labels: options.labels.clone(),
            source_control_url: options.source_control_url.clone(),
            breaking: content.breaking,
        };
        let origins = Origins::of(&contents);
        let contents = contents.into_iter().map(content).collect();
        match self.upload(contents, &dependencies.commits()).await {
            Ok(uploaded) => Ok(uploaded),
            Err(error) if error.code() == Some(ErrorCode::NotFound) => {
                Err(self.explain_absence(error, &names, options, dependencies).await)
            }
            Err(error) => Err(origins.locate(error)),
        }
    }

    /// Finds the missing object behind a NotFound: a module, most often at a first push, or a commit that `buf.lock`
    /// pins.
    async fn explain_absence(
        &self,
        error: ClientError,
        names: &[ModuleName],
        options: &PushOptions,
        dependencies: &ResolvedDependencies,
    ) -> PushError {
        if matches!(self.has_modules(names).await, Ok(false)) {
            return if options.create.is_none() { PushError::UnknownModule(error) } else { error.into() };
        }
        match dependencies.missing_commits(self).await {
            Some(missing) => missing,
            None if options.create.is_none() => PushError::UnknownModule(error),
            None => error.into(),
        }
    }

    async fn pushed(
        &self,
        names: Vec<ModuleName>,
        uploaded: Uploaded,
        dependencies: ResolvedDependencies,
    ) -> PushedDirectory {
        let (mut modules, mut unlisted) = (Vec::with_capacity(names.len()), None);
        for (name, commit) in names.into_iter().zip(uploaded.commits) {
            let unchanged = uploaded.unchanged.contains(&commit);
            // It is stored, whatever happens from here on.
            let (sdks, changes) = self.listed(&name, commit, unchanged).await.unwrap_or_else(|error| {
                unlisted = Some(error);
                Default::default()
            });
            modules.push(PushedModule { name, commit, unchanged, changes, sdks });
        }
        modules.sort_by_cached_key(|module| module.name.to_string());
        let Uploaded { warning, breaking, .. } = uploaded;
        PushedDirectory { modules, dependencies: dependencies.chosen, warning, breaking, unlisted }
    }

    /// The crates of a new commit, and what it changed.
    async fn listed(
        &self,
        name: &ModuleName,
        commit: CommitId,
        unchanged: bool,
    ) -> Result<(Vec<Sdk>, ChangeCounts), ClientError> {
        let sdks = self.sdks(name, &commit.to_string(), None).await?;
        let changes = if unchanged { ChangeCounts::new() } else { self.changes(name, commit).await? };
        Ok((sdks, changes))
    }
}
