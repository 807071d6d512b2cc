//! Which commits a push is compiled against.

use std::collections::BTreeMap;

use connectrpc::ErrorCode;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError, Commit};
use crate::model::{CommitId, ModuleDigest, ModuleName};
use crate::module::{DependencyRef, LockedCommit, Workspace};

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

/// What a push is compiled against.
#[derive(Debug)]
pub(super) struct Resolved {
    /// By name.
    pub(super) chosen: Vec<Chosen>,
    /// Commits of the lock that the server does not have; it may be able to fetch them from its upstream.
    missing: Vec<LockedCommit>,
}

impl Resolved {
    /// All commits, to be sent with the push.
    pub(super) fn commits(&self) -> Vec<CommitId> {
        let chosen = self.chosen.iter().map(|chosen| chosen.commit);
        chosen.chain(self.missing.iter().map(|locked| locked.commit)).collect()
    }

    /// The refusal of a push because one of the missing commits is missing, with the line that takes it in.
    pub(super) fn explain(&self, error: &ClientError, client: &Client) -> Option<CliError> {
        let ClientError::Refused { code: ErrorCode::NotFound, message } = error else { return None };
        let named = |locked: &&LockedCommit| message.contains(&locked.commit.to_string());
        let first = self.missing.iter().find(named)?;
        let host = client.url().split_once("://").map_or(client.url(), |(_, host)| host);
        let name = |locked: &LockedCommit| format!("{}:{}", locked.name(), locked.commit);
        if first.remote == host {
            let advice = "run `buf dep update` to write the lock again";
            let text = format!("buf.lock pins {}, which is not in {}; {advice}", name(first), client.url());
            return Some(CliError::Refused(text));
        }
        let lines: Vec<_> = self.missing.iter().map(|locked| format!("registry mirror {}", name(locked))).collect();
        Some(CliError::Refused(format!(
            "buf.lock pins commits of another registry that are not in {}; take them in first:\n{}",
            client.url(),
            lines.join("\n")
        )))
    }
}

/// Every dependency of the workspace, direct and transitive, sorted by name. What is pushed itself is left out: the
/// contents of the push win over an older commit of the same module.
pub(super) async fn resolve(
    client: &Client,
    workspace: &Workspace,
    pushed: &[ModuleName],
) -> Result<Resolved, CliError> {
    let (mut chosen, mut missing) = (BTreeMap::new(), vec![]);
    for locked in workspace.locked.iter().flatten().filter(|locked| !pushed.contains(&locked.module)) {
        if is_here(client, locked).await? {
            chosen.insert(locked.module.clone(), (locked.commit, Source::Lock));
        } else {
            missing.push(locked.clone());
        }
    }
    for dependency in &workspace.dependencies {
        let locked = missing.iter().any(|locked| locked.module == dependency.module);
        if !locked && !chosen.contains_key(&dependency.module) {
            let commit = named(client, dependency).await?;
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
    chosen.retain(|module, _| !missing.iter().any(|locked| locked.module == *module));
    let chosen = chosen.into_iter().map(|(module, (commit, source))| Chosen { module, commit, source });
    Ok(Resolved { chosen: chosen.collect(), missing })
}

/// Modules of the workspace that are not part of this push, but may be imported: they count as pushed before.
fn siblings(workspace: &Workspace) -> impl Iterator<Item = &ModuleName> {
    workspace.modules.iter().filter_map(|module| Some(&module.name.as_ref()?.module))
}

/// Whether the server has the commit that `buf.lock` pins, whichever registry it came from.
async fn is_here(client: &Client, locked: &LockedCommit) -> Result<bool, CliError> {
    match client.commits_by_id(&[locked.commit]).await {
        Ok(commits) => {
            commits.iter().try_for_each(|commit| verify(locked, commit))?;
            Ok(true)
        }
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(false),
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

async fn named(client: &Client, dependency: &DependencyRef) -> Result<CommitId, CliError> {
    let (module, reference) = (&dependency.module, dependency.reference.clone().unwrap_or_default());
    match client.commits(&[(module.clone(), reference)]).await {
        Ok(commits) => Ok(only(client, &commits)?),
        Err(error) if is_absent(&error) => Err(CliError::Refused(format!(
            "dependency {module} cannot be used from {}: {error}; push it first: registry push DIR --module {module} \
             --create; or take it in from another registry: registry mirror {dependency}",
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
