//! The target of a mirror: it imports one commit at a time.

use crate::client::{Client, ClientError, refs};
use crate::model::{ForeignCommit, ForeignDependency, LabelName, ModuleFile};
use crate::wire::buf::registry::module::v1::File;
use crate::wire::registry::v1::{ImportCommitRequest, ImportedDependency, MirrorServiceClient};
use crate::wire::time_to_wire;

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCommit {
    /// Whether this call created it.
    pub created: bool,
    /// The labels that moved to it.
    pub moved_labels: Vec<String>,
    /// The module options that the server cannot fulfil.
    pub warning: Option<String>,
}

impl Client {
    /// Imports a commit of another registry, to `labels`, or to the default label if there are none.
    ///
    /// # Errors
    /// When the files do not match the digest, or the id is taken.
    pub async fn import_commit(
        &self,
        commit: ForeignCommit,
        labels: &[LabelName],
    ) -> Result<ImportedCommit, ClientError> {
        let file = |file: ModuleFile| File { path: file.path.to_string(), content: file.content };
        let needed = |needed: &ForeignDependency| ImportedDependency {
            commit_id: needed.commit.to_string(),
            direct: needed.direct,
        };
        let request = ImportCommitRequest {
            module: refs::module_name(&commit.module).into(),
            commit_id: commit.id.to_string(),
            create_time: time_to_wire(commit.created).into(),
            digest: commit.digest.0.as_bytes().to_vec().into(),
            files: commit.files.into_iter().map(file).collect(),
            dependencies: commit.dependencies.iter().map(needed).collect(),
            labels: labels.iter().map(ToString::to_string).collect(),
            source_control_url: commit.source_control_url,
            v1_files: commit.v1_files.into_iter().map(file).collect(),
            older_digest: commit.b4_digest.map(|digest| digest.0.as_bytes().to_vec()).unwrap_or_default().into(),
            registry_yaml: commit.options,
        };
        let (http, config) = self.parts();
        let answer = self.read(MirrorServiceClient::new(http, config).import_commit(request).await)?;
        let warning = Some(answer.warning).filter(|warning| !warning.is_empty());
        Ok(ImportedCommit { created: answer.created, moved_labels: answer.moved_labels, warning })
    }
}
