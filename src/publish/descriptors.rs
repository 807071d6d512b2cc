//! The descriptors of a commit: compiled when they are needed, with the dependencies that were frozen with the commit,
//! and cached.

use std::sync::Arc;

use crate::compile::{CompileCache, CompileError};
use crate::model::{CommitId, DescriptorSet, ModuleName, Snapshot};
use crate::publish::Publisher;
use crate::publish::push::compile_commit::compile_commit;
use crate::publish::push::dependencies::{Dependencies, DependencyError};
use crate::store::{Commit, Module, StoreError, Viewer};

/// Why a commit has no descriptors.
#[derive(Debug, thiserror::Error)]
pub enum DescriptorsError {
    /// The sources compiled when they were pushed, but this version of the compiler is stricter.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The viewer may not read all of its dependencies.
    #[error(
        "module {0} depends on a private module that you may not read; ask for access to the modules that it imports"
    )]
    Hidden(ModuleName),
    /// The frozen dependencies cannot be read.
    #[error(transparent)]
    Dependency(#[from] DependencyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Publisher {
    /// The compiled files of a commit and all their imports, if `viewer` may read all of them. Without a viewer there
    /// is no restriction.
    ///
    /// # Errors
    /// When there is no such commit, it does not compile any more, or the viewer may not read one of its dependencies.
    pub fn descriptors(
        &self,
        commit: CommitId,
        viewer: Option<Viewer>,
    ) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        let (commit, module) = self.readable(commit, viewer)?;
        if let Some(descriptors) = self.compiled.get(&(module.id, commit.id)) {
            return Ok(descriptors);
        }
        let snapshot = self.store.snapshot(commit.id)?;
        self.descriptors_of(&module, &commit, &snapshot)
    }

    /// The same if they are at hand, so that nothing is compiled.
    ///
    /// # Errors
    /// When there is no such commit, or the viewer may not read one of its dependencies.
    pub fn descriptors_at_hand(
        &self,
        commit: CommitId,
        viewer: Option<Viewer>,
    ) -> Result<Option<Arc<DescriptorSet>>, DescriptorsError> {
        let (commit, module) = self.readable(commit, viewer)?;
        Ok(self.compiled.get(&(module.id, commit.id)))
    }

    pub(super) fn readable(
        &self,
        commit: CommitId,
        viewer: Option<Viewer>,
    ) -> Result<(Commit, Module), DescriptorsError> {
        let missing = || StoreError::Missing(format!("commit {commit}"));
        let commit = self.store.commit(commit)?.ok_or_else(missing)?;
        let module = self.store.module_by_id(commit.module)?.ok_or_else(missing)?;
        if self.store.may_read_dependencies(viewer, commit.id)? {
            Ok((commit, module))
        } else {
            Err(DescriptorsError::Hidden(module.name))
        }
    }

    pub(super) fn descriptors_of(
        &self,
        module: &Module,
        commit: &Commit,
        snapshot: &Snapshot,
    ) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        // Concurrent calls wait for the same compilation.
        let key = (module.id, commit.id);
        self.compiled.get_or_insert_with(&key, || self.compile_again(module, commit, snapshot))
    }

    fn compile_again(
        &self,
        module: &Module,
        commit: &Commit,
        snapshot: &Snapshot,
    ) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        let dependencies = Dependencies::frozen(&self.store, commit.id)?;
        let contents = [(&module.name, snapshot)];
        let compiled = compile_commit(&contents, &dependencies, &CompileCache::default(), &self.settings.limits)?;
        Ok(Arc::new(compiled.descriptors.closure(&module.name)))
    }
}
