//! Resolves the dependency commits of a push.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::client::{Client, ClientError, Commit};
use crate::model::{CommitId, ModuleDigest, ModuleName};
use crate::module::{DependencyRef, LockedCommit, Workspace};

use super::PushError;

/// A commit that the push depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PushDependency {
    /// The module.
    pub module: ModuleName,
    /// Its commit.
    pub commit: CommitId,
    /// The reason for this commit.
    pub source: PushDependencySource,
}

/// The reason for the choice of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushDependencySource {
    /// `buf.lock` pins it.
    Lock,
    /// The reference in `buf.yaml`, or the latest of the default label.
    Reference,
    /// Another dependency depends on it.
    Transitive,
}

/// The dependencies that a push is compiled with.
#[derive(Debug)]
pub(super) struct ResolvedDependencies {
    /// The dependencies, by name.
    pub(super) chosen: Vec<PushDependency>,
    /// Commits in `buf.lock` that the server does not have; it may fetch them from its upstream.
    missing: Vec<LockedCommit>,
}

impl ResolvedDependencies {
    /// All commits, to be sent with the push.
    pub(super) fn commits(&self) -> Vec<CommitId> {
        let chosen = self.chosen.iter().map(|chosen| chosen.commit);
        chosen.chain(self.missing.iter().map(|locked| locked.commit)).collect()
    }

    /// The error of a push whose pinned commits the server does not have, with the commands that mirror them; none if
    /// the server has all of them now.
    pub(super) async fn missing_commits(&self, client: &Client) -> Option<PushError> {
        let ids: Vec<_> = self.missing.iter().map(|locked| locked.commit).collect();
        let found = client.each_commit_by_id(&ids).await.ok()?;
        let (first, _) = self.missing.iter().zip(found).find(|(_, found)| found.is_err())?;
        let host = client.url().split_once("://").map_or(client.url(), |(_, host)| host);
        let name = |locked: &LockedCommit| format!("{}:{}", locked.name(), locked.commit);
        let url = client.url().to_owned();
        if first.remote == host {
            return Some(PushError::StaleLock { pinned: name(first), url });
        }
        Some(PushError::NotMirrored { url, missing: self.missing.iter().map(name).collect() })
    }
}

/// Every dependency of the workspace, direct and transitive, sorted by name. Pushed modules are left out: their content
/// takes precedence over an older commit of the same module.
pub(super) async fn resolve(
    client: &Client,
    workspace: &Workspace,
    pushed: &[ModuleName],
) -> Result<ResolvedDependencies, PushError> {
    let locked: Vec<_> = workspace.locked.iter().flatten().filter(|locked| !pushed.contains(&locked.module)).collect();
    let (mut chosen, missing) = pinned(client, &locked).await?;
    let is_locked = |module: &ModuleName| locked.iter().any(|locked| locked.module == *module);
    let named: Vec<_> = workspace.dependencies.iter().filter(|named| !is_locked(&named.module)).collect();
    for (dependency, commit) in named.iter().zip(commits_of(client, &named).await?) {
        chosen.entry(dependency.module.clone()).or_insert((commit, PushDependencySource::Reference));
    }
    let siblings: Vec<_> = siblings(workspace).filter(|module| !pushed.contains(module)).collect();
    for (module, commit) in latest(client, &siblings).await? {
        chosen.entry(module).or_insert((commit, PushDependencySource::Reference));
    }
    chosen.retain(|module, _| !pushed.contains(module));
    add_transitive(client, &mut chosen, pushed).await?;
    chosen.retain(|module, _| !missing.iter().any(|locked| locked.module == *module));
    let chosen = chosen.into_iter().map(|(module, (commit, source))| PushDependency { module, commit, source });
    Ok(ResolvedDependencies { chosen: chosen.collect(), missing })
}

/// Modules of the workspace that are not part of this push, but may be imported: they count as pushed before.
fn siblings(workspace: &Workspace) -> impl Iterator<Item = &ModuleName> {
    workspace.modules.iter().filter_map(|module| Some(&module.name.as_ref()?.module))
}

/// Commits by module, each with the reason for the choice.
type ByName = BTreeMap<ModuleName, (CommitId, PushDependencySource)>;

/// The commits that `buf.lock` pins, split into those that the server has, whichever registry they came from, and the
/// missing ones.
async fn pinned(client: &Client, locked: &[&LockedCommit]) -> Result<(ByName, Vec<LockedCommit>), PushError> {
    let ids: Vec<_> = locked.iter().map(|locked| locked.commit).collect();
    let (mut here, mut missing) = (BTreeMap::new(), vec![]);
    for (locked, found) in locked.iter().zip(client.each_commit_by_id(&ids).await?) {
        match found {
            Ok(commit) => {
                verify(locked, &commit)?;
                here.insert(locked.module.clone(), (locked.commit, PushDependencySource::Lock));
            }
            Err(_) => missing.push((*locked).clone()),
        }
    }
    Ok((here, missing))
}

/// Compares the digest of the lock with the registry's, as `buf` does. The digests of v1 locks cover files that this
/// registry does not keep, so they are not compared.
fn verify(locked: &LockedCommit, found: &Commit) -> Result<(), PushError> {
    let pinned = locked.digest.as_deref().and_then(|digest| digest.parse::<ModuleDigest>().ok());
    let Some(pinned) = pinned.filter(|pinned| *pinned != found.digest) else { return Ok(()) };
    let commit = format!("{}:{}", locked.module, locked.commit);
    Err(PushError::Digest { commit, pinned: Box::new(pinned), found: Box::new(found.digest) })
}

/// The commits of the dependencies in `buf.yaml`, in their order.
async fn commits_of(client: &Client, named: &[&DependencyRef]) -> Result<Vec<CommitId>, PushError> {
    let reference = |named: &&DependencyRef| (named.module.clone(), named.reference.clone().unwrap_or_default());
    let references: Vec<_> = named.iter().map(reference).collect();
    let found = client.each_commit(&references).await?;
    let commit = |(named, found): (&&DependencyRef, Result<Commit, ClientError>)| match found {
        Ok(commit) => Ok(commit.id),
        Err(error) => {
            Err(PushError::Dependency { dependency: Box::new((*named).clone()), url: client.url().to_owned(), error })
        }
    };
    named.iter().zip(found).map(commit).collect()
}

/// The latest commits of the modules that have one.
async fn latest(client: &Client, modules: &[&ModuleName]) -> Result<Vec<(ModuleName, CommitId)>, PushError> {
    let references: Vec<_> = modules.iter().map(|module| ((*module).clone(), String::new())).collect();
    let found = client.each_commit(&references).await?;
    Ok(references.into_iter().zip(found).filter_map(|((module, _), found)| Some((module, found.ok()?.id))).collect())
}

async fn add_transitive(
    client: &Client,
    chosen: &mut BTreeMap<ModuleName, (CommitId, PushDependencySource)>,
    pushed: &[ModuleName],
) -> Result<(), PushError> {
    if chosen.is_empty() {
        return Ok(());
    }
    let roots: Vec<_> = chosen.values().map(|(commit, _)| *commit).collect();
    let graph = client.graph(&roots).await?;
    let names = client.names_of(&graph.commits).await?;
    for (name, commit) in names.into_iter().zip(graph.commits) {
        if !pushed.contains(&name) {
            chosen.entry(name).or_insert((commit.id, PushDependencySource::Transitive));
        }
    }
    Ok(())
}
