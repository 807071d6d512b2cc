//! Dependencies and locks of all modules of a workspace, brought together.

use std::collections::BTreeMap;

use super::config::buf_lock::LockedCommit;
use super::config::buf_yaml::Located;
use super::config::error::{ConfigError, ConfigProblem};
use super::config::reference::{DependencyRef, QualifiedName};
use super::declared::DeclaredDependencies;

/// The modules that the locks of the pushed modules pin.
pub(super) fn pinned_by_targets<'a>(declared: impl Iterator<Item = &'a DeclaredDependencies>) -> Vec<QualifiedName> {
    let locks = declared.filter(|one| one.targeted).filter_map(|one| one.lock.as_ref());
    locks.flat_map(|(_, entries)| entries).map(|(entry, _)| entry.name()).collect()
}

/// The declared dependencies, those of pushed modules first: they must agree, and take precedence over the others.
fn targeted_first(declared: &[DeclaredDependencies]) -> impl Iterator<Item = &DeclaredDependencies> {
    let only = |targeted| declared.iter().filter(move |one| one.targeted == targeted);
    only(true).chain(only(false))
}

/// All declared dependencies that are not among the `local` modules, sorted by name.
pub(super) fn dependencies(
    declared: &[DeclaredDependencies],
    local: &[QualifiedName],
) -> Result<Vec<DependencyRef>, ConfigError> {
    let mut all: BTreeMap<QualifiedName, &Located<DependencyRef>> = BTreeMap::new();
    for one in targeted_first(declared) {
        for located in one.dependencies.iter().filter(|(dependency, _)| !local.contains(&dependency.name())) {
            let first = *all.entry(located.0.name()).or_insert(located);
            if one.targeted {
                check_locked(one, located)?;
                check_reference(located, first)?;
            }
        }
    }
    Ok(all.into_values().map(|(dependency, _)| dependency.clone()).collect())
}

fn check_reference(here: &Located<DependencyRef>, first: &Located<DependencyRef>) -> Result<(), ConfigError> {
    if here.0 == first.0 {
        return Ok(());
    }
    let (text, there) = (here.0.to_string(), first.0.to_string());
    Err(ConfigProblem::DifferentReferences { here: text, there, other: first.1.clone() }.at(&here.1))
}

/// A lock that is there must know every dependency.
fn check_locked(
    declared: &DeclaredDependencies,
    (dependency, place): &Located<DependencyRef>,
) -> Result<(), ConfigError> {
    let Some((path, entries)) = &declared.lock else {
        return Ok(());
    };
    let name = dependency.name();
    if entries.iter().any(|(entry, _)| entry.name() == name) {
        return Ok(());
    }
    Err(ConfigProblem::NotLocked { name: name.to_string(), lock: path.display().to_string() }.at(place))
}

/// All locked commits of modules that are not among the `local` ones, sorted by name; none without any lock.
///
/// Locks of pushed modules must agree.
pub(super) fn merge(
    declared: &[DeclaredDependencies],
    local: &[QualifiedName],
) -> Result<Option<Vec<LockedCommit>>, ConfigError> {
    if declared.iter().all(|one| one.lock.is_none()) {
        return Ok(None);
    }
    let mut all: BTreeMap<QualifiedName, &Located<LockedCommit>> = BTreeMap::new();
    for one in targeted_first(declared) {
        for located in one.lock.iter().flat_map(|(_, entries)| entries) {
            let first = *all.entry(located.0.name()).or_insert(located);
            if one.targeted {
                check_commit(located, first)?;
            }
        }
    }
    all.retain(|name, _| !local.contains(name));
    Ok(Some(all.into_values().map(|(entry, _)| entry.clone()).collect()))
}

fn check_commit(here: &Located<LockedCommit>, first: &Located<LockedCommit>) -> Result<(), ConfigError> {
    if here.0.commit == first.0.commit {
        return Ok(());
    }
    let problem = ConfigProblem::LockConflict {
        name: here.0.name().to_string(),
        here: here.0.commit.to_string(),
        there: first.0.commit.to_string(),
        other: first.1.clone(),
    };
    Err(problem.at(&here.1))
}
