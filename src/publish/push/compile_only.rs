//! Compiles files as a push would, and stores nothing.

use super::compile_commit::compile_commit;
use super::dependencies::Dependencies;
use super::request::{PushError, check_distinct};
use crate::compile::CompileCache;
use crate::model::{CommitId, DescriptorSet, ModuleName, Snapshot};
use crate::publish::Publisher;
use crate::store::Viewer;

/// Files that are not pushed, or not yet.
pub struct Unstored {
    /// The modules that would be pushed together.
    pub contents: Vec<UnstoredContent>,
    /// Commits of other modules that they depend on.
    pub dependencies: Vec<CommitId>,
    /// The viewer that must be allowed to read the dependencies; without one there is no restriction.
    pub viewer: Option<Viewer>,
}

/// The files of one module, which need not exist.
pub struct UnstoredContent {
    /// The name of the module.
    pub module: ModuleName,
    /// Its files.
    pub snapshot: Snapshot,
}

impl Publisher {
    /// The compiled files of `module`, one of the contents, and all that they import.
    ///
    /// # Errors
    /// When a push of them would be refused, because they do not compile or their dependencies cannot be used.
    pub fn compile_unstored(&self, unstored: &Unstored, module: &ModuleName) -> Result<DescriptorSet, PushError> {
        let names: Vec<_> = unstored.contents.iter().map(|content| content.module.clone()).collect();
        check_distinct(&names)?;
        let dependencies = Dependencies::load(&self.store, &unstored.dependencies, &names, unstored.viewer)?;
        let contents: Vec<_> = unstored.contents.iter().map(|content| (&content.module, &content.snapshot)).collect();
        let compiled = compile_commit(&contents, &dependencies, &CompileCache::default(), &self.settings.limits)?;
        Ok(compiled.descriptors.closure(module))
    }
}
