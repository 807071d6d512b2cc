//! Dependencies and locks of all modules of a workspace, brought together.

use std::collections::BTreeMap;

use super::buf_lock::LockedCommit;
use super::buf_yaml::Located;
use super::config_error::{ConfigError, ConfigProblem};
use super::plan::Declared;
use super::reference::{DependencyRef, QualifiedName};

/// The modules that the locks of the pushed modules pin.
pub(super) fn pinned_by_targets(declared: &[Declared]) -> Vec<QualifiedName> {
    let locks = declared.iter().filter(|one| one.targeted).filter_map(|one| one.lock.as_ref());
    locks.flat_map(|(_, entries)| entries).map(|(entry, _)| entry.name()).collect()
}

/// All declared dependencies that are not among the `local` modules, sorted by name.
pub(super) fn dependencies(declared: &[Declared], local: &[QualifiedName]) -> Result<Vec<DependencyRef>, ConfigError> {
    let mut all: BTreeMap<QualifiedName, &Located<DependencyRef>> = BTreeMap::new();
    for one in declared {
        for located in &one.dependencies {
            let (dependency, place) = located;
            let name = dependency.name();
            if local.contains(&name) {
                continue;
            }
            check_locked(one, located)?;
            let (other, other_place) = all.entry(name).or_insert(located);
            if other != dependency {
                let (here, there) = (dependency.to_string(), other.to_string());
                return Err(ConfigProblem::DifferentReferences { here, there, other: other_place.clone() }.at(place));
            }
        }
    }
    Ok(all.into_values().map(|(dependency, _)| dependency.clone()).collect())
}

/// A lock that is there must know every dependency.
fn check_locked(declared: &Declared, (dependency, place): &Located<DependencyRef>) -> Result<(), ConfigError> {
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
/// Locks of pushed modules must agree. What they pin wins over the locks of the other modules.
pub(super) fn merge(declared: &[Declared], local: &[QualifiedName]) -> Result<Option<Vec<LockedCommit>>, ConfigError> {
    if declared.iter().all(|one| one.lock.is_none()) {
        return Ok(None);
    }
    let mut all: BTreeMap<QualifiedName, &Located<LockedCommit>> = BTreeMap::new();
    for targeted in [true, false] {
        let locks = declared.iter().filter(|one| one.targeted == targeted).filter_map(|one| one.lock.as_ref());
        for located in locks.flat_map(|(_, entries)| entries) {
            let first = *all.entry(located.0.name()).or_insert(located);
            if targeted {
                check_agreement(located, first)?;
            }
        }
    }
    all.retain(|name, _| !local.contains(name));
    Ok(Some(all.into_values().map(|(entry, _)| entry.clone()).collect()))
}

fn check_agreement(here: &Located<LockedCommit>, first: &Located<LockedCommit>) -> Result<(), ConfigError> {
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
