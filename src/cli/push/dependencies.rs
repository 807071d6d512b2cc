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
    let locked: Vec<_> = workspace.locked.iter().flatten().filter(|locked| !pushed.contains(&locked.module)).collect();
    let (mut chosen, missing) = pinned(client, &locked).await?;
    let is_locked = |module: &ModuleName| locked.iter().any(|locked| locked.module == *module);
    let named: Vec<_> = workspace.dependencies.iter().filter(|named| !is_locked(&named.module)).collect();
    for (dependency, commit) in named.iter().zip(commits_of(client, &named).await?) {
        chosen.entry(dependency.module.clone()).or_insert((commit, Source::Reference));
    }
    let siblings: Vec<_> = siblings(workspace).filter(|module| !pushed.contains(module)).collect();
    for (module, commit) in latest(client, &siblings).await? {
        chosen.entry(module).or_insert((commit, Source::Reference));
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

/// By name, with what decided for each.
type ByName = BTreeMap<ModuleName, (CommitId, Source)>;

/// Those of the commits that `buf.lock` pins which the server has, whichever registry they came from, and the others.
async fn pinned(client: &Client, locked: &[&LockedCommit]) -> Result<(ByName, Vec<LockedCommit>), CliError> {
    let ids: Vec<_> = locked.iter().map(|locked| locked.commit).collect();
    let (mut here, mut missing) = (BTreeMap::new(), vec![]);
    for (locked, found) in locked.iter().zip(client.each_commit_by_id(&ids).await?) {
        match found {
            Ok(commit) => {
                verify(locked, &commit)?;
                here.insert(locked.module.clone(), (locked.commit, Source::Lock));
            }
            Err(_) => missing.push((*locked).clone()),
        }
    }
    Ok((here, missing))
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

/// The commits that the dependencies of `buf.yaml` mean, in their order.
async fn commits_of(client: &Client, named: &[&DependencyRef]) -> Result<Vec<CommitId>, CliError> {
    let reference = |named: &&DependencyRef| (named.module.clone(), named.reference.clone().unwrap_or_default());
    let references: Vec<_> = named.iter().map(reference).collect();
    let found = client.each_commit(&references).await?;
    let commit = |(named, found): (&&DependencyRef, Result<Commit, ClientError>)| match found {
        Ok(commit) => Ok(commit.id),
        Err(error) => Err(CliError::Refused(format!(
            "dependency {module} cannot be used from {url}: {error}; push it first: registry push DIR --module \
             {module} --create; or take it in from another registry: registry mirror {named}",
            module = named.module,
            url = client.url()
        ))),
    };
    named.iter().zip(found).map(commit).collect()
}

/// The latest commits of those modules that have one.
async fn latest(client: &Client, modules: &[&ModuleName]) -> Result<Vec<(ModuleName, CommitId)>, CliError> {
    let references: Vec<_> = modules.iter().map(|module| ((*module).clone(), String::new())).collect();
    let found = client.each_commit(&references).await?;
    Ok(references.into_iter().zip(found).filter_map(|((module, _), found)| Some((module, found.ok()?.id))).collect())
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
