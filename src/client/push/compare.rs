//! Compares what a directory holds with what the server has, before it is pushed.

use crate::client::{Client, refs};
use crate::model::{BreakingConfig, ModuleName};
use crate::wire::buf::registry::module::v1::File;
use crate::wire::registry::v1::{ComparedFiles, ComparedVersion};

use super::{Origins, PushDependency, PushDirectory, PushError, dependencies};

/// A directory as the versions of a comparison.
#[derive(Debug)]
pub struct ComparedDirectory {
    /// Its modules, each with its version and the `breaking` section of its `buf.yaml`.
    pub modules: Vec<(ModuleName, ComparedVersion, BreakingConfig)>,
    /// The commits that they are compiled with, by name.
    pub dependencies: Vec<PushDependency>,
    /// Where its files are.
    pub origins: Origins,
}

impl PushDirectory {
    /// The names of its modules.
    #[must_use]
    pub fn modules(&self) -> Vec<ModuleName> {
        self.names()
    }
}

impl Client {
    /// The modules of a directory as versions to compare. Nothing is sent but questions about dependencies.
    ///
    /// # Errors
    /// When a dependency is not on the server.
    pub async fn compared_directory(&self, directory: PushDirectory) -> Result<ComparedDirectory, PushError> {
        let names = directory.names();
        let resolved = dependencies::resolve(self, &directory.workspace, &names).await?;
        let origins = Origins::of(&directory.contents);
        let contents = directory.contents.iter().map(|content| {
            let file =
                |file: &crate::model::ModuleFile| File { path: file.path.to_string(), content: file.content.clone() };
            let files = content.snapshot.with_options().map(file).collect();
            ComparedFiles { module: refs::module_name(&content.module).into(), files }
        });
        let contents: Vec<_> = contents.collect();
        let dep_commit_ids: Vec<_> = resolved.commits().iter().map(ToString::to_string).collect();
        let modules = directory.contents.into_iter().map(|content| {
            let version = ComparedVersion {
                module: refs::module_name(&content.module).into(),
                r#ref: String::new(),
                contents: contents.clone(),
                dep_commit_ids: dep_commit_ids.clone(),
            };
            (content.module, version, content.breaking)
        });
        Ok(ComparedDirectory { modules: modules.collect(), dependencies: resolved.chosen, origins })
    }
}

/// A commit of the server as a version to compare. An empty reference is the default label.
#[must_use]
pub fn compared_commit(module: &ModuleName, reference: &str) -> ComparedVersion {
    ComparedVersion { module: refs::module_name(module).into(), r#ref: reference.into(), ..Default::default() }
}
