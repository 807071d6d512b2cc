//! The dependency commits of a push, and the dependencies that are frozen with each new commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{CommitId, ModuleDigest, ModuleName, Snapshot};
use crate::store::{Commit, Store, StoreError, Viewer};

/// Why the dependencies of a push cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DependencyError {
    /// This registry does not have the commit.
    #[error(
        "dependency commit {0} is not in this registry; push the module that it belongs to here first, then update buf.lock"
    )]
    Unknown(CommitId),
    /// A dependency that the viewer may not read; the message must not reveal its name.
    #[error(
        "module {0} depends on a private module that you may not read, so nothing of yours can build on it; ask for \
         access to the modules that it imports"
    )]
    Hidden(ModuleName),
    /// Two commits of one module.
    #[error("dependency commits {0} and {1} both belong to module {2}; a push can build on one commit of a module")]
    TwoCommits(CommitId, CommitId, ModuleName),
    /// Modules that depend on each other.
    #[error("modules {0} and {1} depend on each other; move the shared files into one of them, or into a third module")]
    Cycle(ModuleName, ModuleName),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A commit of another module that the push depends on.
pub(in crate::publish) struct DependencyCommit {
    /// The commit.
    pub commit: Commit,
    /// Its files.
    pub snapshot: Snapshot,
    /// The modules whose files it imports itself.
    direct: BTreeSet<ModuleName>,
}

/// A commit that was not given, but is a dependency of one of `from`.
struct Inherited {
    commit: Commit,
    from: ModuleName,
}

/// The dependency commits of a push: one per module.
#[derive(Default)]
pub(in crate::publish) struct Dependencies(pub BTreeMap<ModuleName, DependencyCommit>);

impl Dependencies {
    /// Loads the commits `given` and their dependencies: for modules that are not given, the latest commit among the
    /// dependencies. Modules in `pushed` are left out, because their content comes with the push. `viewer` must be
    /// allowed to read all of them, because compile errors quote them.
    pub(in crate::publish) fn load(
        store: &Store,
        given: &[CommitId],
        pushed: &[ModuleName],
        viewer: Option<Viewer>,
    ) -> Result<Self, DependencyError> {
        let mut set = Self::default();
        let mut inherited: BTreeMap<ModuleName, Inherited> = BTreeMap::new();
        for &id in given {
            let (module, commit) = find(store, id)?;
            if pushed.contains(&module) {
                continue;
            }
            if !store.may_read(viewer, commit.module)? {
                return Err(DependencyError::Unknown(id));
            }
            if let Some(other) = set.0.get(&module).filter(|other| other.commit.id != id) {
                return Err(DependencyError::TwoCommits(other.commit.id, id, module));
            }
            set.insert(store, module, commit, &mut inherited)?;
        }
        // A newer commit of a module may have more dependencies than the commit that was recorded.
        loop {
            let missing = |name: &&ModuleName| !set.0.contains_key(*name) && !pushed.contains(name);
            let Some(module) = inherited.keys().find(missing).cloned() else { break };
            if let Some(Inherited { commit, from }) = inherited.remove(&module) {
                if !store.may_read(viewer, commit.module)? {
                    return Err(DependencyError::Hidden(from));
                }
                set.insert(store, module, commit, &mut inherited)?;
            }
        }
        Ok(set)
    }

    /// The commits frozen with `commit`, with their files.
    pub(in crate::publish) fn frozen(store: &Store, commit: CommitId) -> Result<Self, DependencyError> {
        let ids: Vec<_> = store.dependencies(commit)?.iter().map(|dependency| dependency.commit).collect();
        Self::load(store, &ids, &[], None)
    }

    fn insert(
        &mut self,
        store: &Store,
        module: ModuleName,
        commit: Commit,
        inherited: &mut BTreeMap<ModuleName, Inherited>,
    ) -> Result<(), DependencyError> {
        let mut direct = BTreeSet::new();
        for dependency in store.dependencies(commit.id)? {
            let (name, frozen) = find(store, dependency.commit)?;
            if dependency.direct {
                direct.insert(name.clone());
            }
            let newer = |known: &Inherited| (known.commit.created, known.commit.id) >= (frozen.created, frozen.id);
            if !inherited.get(&name).is_some_and(newer) {
                inherited.insert(name, Inherited { commit: frozen, from: module.clone() });
            }
        }
        let snapshot = store.snapshot(commit.id)?;
        self.0.insert(module, DependencyCommit { commit, snapshot, direct });
        Ok(())
    }
}

fn find(store: &Store, id: CommitId) -> Result<(ModuleName, Commit), DependencyError> {
    let commit = store.commit(id)?.ok_or(DependencyError::Unknown(id))?;
    let module = store.module_by_id(commit.module)?.ok_or(DependencyError::Unknown(id))?;
    Ok((module.name, commit))
}

/// The graph of imports between the pushed modules and their dependencies.
pub(in crate::publish) struct ModuleGraph(BTreeMap<ModuleName, BTreeSet<ModuleName>>);

impl ModuleGraph {
    /// Joins the imports of the pushed modules with the recorded dependencies of the others. A dependency counts as a
    /// whole: the imports of all its files count, even of files that this push does not reach.
    pub(in crate::publish) fn new(
        pushed: &[ModuleName],
        imports: &BTreeMap<ModuleName, BTreeSet<ModuleName>>,
        dependencies: &Dependencies,
    ) -> Self {
        let mut edges: BTreeMap<_, _> =
            dependencies.0.iter().map(|(name, dependency)| (name.clone(), dependency.direct.clone())).collect();
        for name in pushed {
            edges.insert(name.clone(), imports.get(name).cloned().unwrap_or_default());
        }
        Self(edges)
    }

    /// The modules that `module` imports itself.
    pub(in crate::publish) fn direct(&self, module: &ModuleName) -> BTreeSet<ModuleName> {
        self.0.get(module).cloned().unwrap_or_default()
    }

    /// The modules that `module` depends on, directly or through others.
    pub(in crate::publish) fn all(&self, module: &ModuleName) -> BTreeSet<ModuleName> {
        let mut found = BTreeSet::new();
        let mut open: Vec<_> = self.direct(module).into_iter().collect();
        while let Some(name) = open.pop() {
            if found.insert(name.clone()) {
                open.extend(self.direct(&name));
            }
        }
        found
    }

    /// `modules`, each after its dependencies.
    pub(in crate::publish) fn in_order(&self, modules: &[ModuleName]) -> Result<Vec<ModuleName>, DependencyError> {
        let mut order = Vec::with_capacity(modules.len());
        for module in modules {
            let needs = self.all(module);
            if needs.contains(module) {
                let back = |name: &&ModuleName| self.all(name).contains(module);
                let partner = needs.iter().filter(|name| *name != module).find(back).unwrap_or(module);
                return Err(DependencyError::Cycle(module.clone(), partner.clone()));
            }
            order.push((needs.len(), module.clone()));
        }
        // Without cycles, the dependencies of a module are a strict subset of those of its dependants: sorting by their
        // number is a topological order.
        order.sort();
        Ok(order.into_iter().map(|(_, module)| module).collect())
    }
}

/// The digests of a commit's dependencies, which are part of its B5 digest.
pub(in crate::publish) fn digests<'a>(
    needs: impl IntoIterator<Item = &'a ModuleName>,
    commits: &BTreeMap<ModuleName, Commit>,
) -> Vec<ModuleDigest> {
    needs.into_iter().filter_map(|name| commits.get(name)).map(|commit| commit.digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> (ModuleGraph, Vec<ModuleName>) {
        let name = |text: &str| format!("acme/{text}").parse::<ModuleName>().unwrap();
        let edges: BTreeMap<_, BTreeSet<_>> =
            edges.iter().map(|(from, to)| (name(from), to.iter().map(|to| name(to)).collect())).collect();
        let names: Vec<_> = edges.keys().cloned().collect();
        (ModuleGraph::new(&names, &edges, &Dependencies::default()), names)
    }

    #[test]
    fn a_module_comes_behind_those_it_needs() {
        let (graph, names) = graph(&[("app", &["lib", "zoo"]), ("lib", &["zoo"]), ("zoo", &[])]);
        let order: Vec<_> = graph.in_order(&names).unwrap().iter().map(|n| n.name().to_string()).collect();
        assert_eq!(order, ["zoo", "lib", "app"]);
        assert_eq!(graph.all(&names[0]).len(), 2);
    }

    #[test]
    fn modules_that_need_each_other_are_refused() {
        let (graph, names) = graph(&[("aa", &["bb"]), ("bb", &["cc"]), ("cc", &["aa"])]);
        let error = graph.in_order(&names).unwrap_err().to_string();
        assert!(error.starts_with("modules acme/aa and acme/bb depend on each other"), "{error}");
    }
}
