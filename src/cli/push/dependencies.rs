//! Which commits a push is compiled against.

use std::collections::BTreeMap;

use connectrpc::ErrorCode;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError, Commit};
use crate::model::{CommitId, ModuleDigest, ModuleName};
use crate::module::{LockedCommit, Workspace};

/// A commit that the push depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Chosen {
    pub(super) module: ModuleName,
    pub(super) commit: CommitId,
    pub(super) source: Source,
}

/// What decided for a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Source {
    /// `buf.lock` pins it.
    Lock,
    /// The reference in `buf.yaml`, or the latest of the default label.
    Reference,
    /// Another dependency needs it.
    Transitive,
}

/// Every dependency of the workspace, direct and transitive, sorted by name. What is pushed itself is left out: the
/// contents of the push win over an older commit of the same module.
pub(super) async fn resolve(
    client: &Client,
    workspace: &Workspace,
    pushed: &[ModuleName],
) -> Result<Vec<Chosen>, CliError> {
    let mut chosen = BTreeMap::new();
    for locked in workspace.locked.iter().flatten() {
        let (commit, source) = pinned(client, locked).await?;
        chosen.insert(locked.module.clone(), (commit, source));
    }
    for dependency in &workspace.dependencies {
        if !chosen.contains_key(&dependency.module) {
            let reference = dependency.reference.as_deref().unwrap_or_default();
            let commit = named(client, &dependency.module, reference).await?;
            chosen.insert(dependency.module.clone(), (commit, Source::Reference));
        }
    }
    for module in siblings(workspace).filter(|module| !pushed.contains(module)) {
        if let Some(commit) = latest(client, module).await? {
            chosen.entry(module.clone()).or_insert((commit, Source::Reference));
        }
    }
    chosen.retain(|module, _| !pushed.contains(module));
    add_transitive(client, &mut chosen, pushed).await?;
    Ok(chosen.into_iter().map(|(module, (commit, source))| Chosen { module, commit, source }).collect())
}

/// Modules of the workspace that are not part of this push, but may be imported: they count as pushed before.
fn siblings(workspace: &Workspace) -> impl Iterator<Item = &ModuleName> {
    workspace.modules.iter().filter_map(|module| Some(&module.name.as_ref()?.module))
}

/// The commit that `buf.lock` pins. A lock written against another registry names commits that are not here; then
/// the module of the same name stands in.
async fn pinned(client: &Client, locked: &LockedCommit) -> Result<(CommitId, Source), CliError> {
    match client.commits_by_id(&[locked.commit]).await {
        Ok(commits) => {
            commits.iter().try_for_each(|commit| verify(locked, commit))?;
            Ok((locked.commit, Source::Lock))
        }
        Err(error) if error.code() == Some(ErrorCode::NotFound) => {
            Ok((named(client, &locked.module, "").await?, Source::Reference))
        }
        Err(error) => Err(error.into()),
    }
}

/// Compares the digest of the lock with what the registry has, as `buf` does. The older digests of v1 locks cover
/// files that this registry does not keep, so they are not compared.
fn verify(locked: &LockedCommit, commit: &Commit) -> Result<(), CliError> {
    let pinned = locked.digest.as_deref().and_then(|digest| digest.parse::<ModuleDigest>().ok());
    let Some(pinned) = pinned.filter(|pinned| *pinned != commit.digest) else { return Ok(()) };
    Err(CliError::Refused(format!(
        "buf.lock pins {}:{} with digest {pinned}, but the registry has {}; check where the lock comes from, or run \
         `buf dep update` to write it again",
        locked.module, locked.commit, commit.digest
    )))
}

async fn named(client: &Client, module: &ModuleName, reference: &str) -> Result<CommitId, CliError> {
    match client.commits(&[(module.clone(), reference.to_owned())]).await {
        Ok(commits) => Ok(only(client, &commits)?),
        Err(error) if is_absent(&error) => Err(CliError::Refused(format!(
            "dependency {module} cannot be used from {}: {error}; push it first: registry push DIR --module {module} \
             --create",
            client.url()
        ))),
        Err(error) => Err(error.into()),
    }
}

async fn latest(client: &Client, module: &ModuleName) -> Result<Option<CommitId>, CliError> {
    match client.commits(&[(module.clone(), String::new())]).await {
        Ok(commits) => Ok(Some(only(client, &commits)?)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn only(client: &Client, commits: &[Commit]) -> Result<CommitId, CliError> {
    let first = commits.first().map(|commit| commit.id);
    first.ok_or_else(|| CliError::CannotRun(format!("{} answered without the commit that was asked for", client.url())))
}

/// No such module, label or commit, or no commit yet.
fn is_absent(error: &ClientError) -> bool {
    matches!(error.code(), Some(ErrorCode::NotFound | ErrorCode::FailedPrecondition))
}

async fn add_transitive(
    client: &Client,
    chosen: &mut BTreeMap<ModuleName, (CommitId, Source)>,
    pushed: &[ModuleName],
) -> Result<(), CliError> {
    if chosen.is_empty() {
        return Ok(());
    }
    let roots: Vec<_> = chosen.values().map(|(commit, _)| *commit).collect();
    let graph = client.graph(&roots).await?;
    let names = client.names_of(&graph.commits).await?;
    for (name, commit) in names.into_iter().zip(graph.commits) {
        if !pushed.contains(&name) {
            chosen.entry(name).or_insert((commit.id, Source::Transitive));
        }
    }
    Ok(())
}
