//! Pushing modules.

use crate::client::breaking_rules::breaking_rules;
use crate::client::{Client, ClientError, refs};
use crate::model::{BreakingConfig, CommitId, LabelName, ModuleName, Snapshot};
use crate::wire::buf::registry::module::v1::{File, UploadRequest, UploadServiceClient, upload_request};
use crate::wire::{
    ALLOW_BREAKING_HEADER, BREAKING_HEADER, NO_WAIT_HEADER, UNCHANGED_HEADER, WARNING_HEADER, decode_warning,
};

/// One module of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadContent {
    /// The module.
    pub module: ModuleName,
    /// Its files.
    pub snapshot: Snapshot,
    /// The labels to move to the new commit; none means the default label.
    pub labels: Vec<LabelName>,
    /// The URL of the sources; empty if there is none.
    pub source_control_url: String,
    /// The `breaking` section of its `buf.yaml`.
    pub breaking: BreakingConfig,
}

/// The result of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// One commit for each content, in their order. If a content has not changed, this is the existing commit.
    pub commits: Vec<CommitId>,
    /// Those of the commits that existed with the same content.
    pub unchanged: Vec<CommitId>,
    /// A warning of the server about a push that succeeded.
    pub warning: Option<String>,
    /// What the push breaks for users of the last release, as a text.
    pub breaking: Option<String>,
}

impl Client {
    /// The same client, whose pushes and moves of labels go through although the server refuses what they break; for
    /// admins of the modules.
    #[must_use]
    pub fn allowing_breaking(mut self) -> Self {
        self.config = self.config.with_default_header(ALLOW_BREAKING_HEADER, "1");
        self
    }

    /// The same client, whose pushes are answered before their crates are made.
    #[must_use]
    pub fn without_waiting(mut self) -> Self {
        self.config = self.config.with_default_header(NO_WAIT_HEADER, "1");
        self
    }

    /// Pushes modules in one step: all of them or none. `dependencies` are the commits of other modules that they
    /// import from, at most one of each module.
    ///
    /// # Errors
    /// When a module is unknown, does not compile, or is not the user's.
    pub async fn upload(
        &self,
        contents: Vec<UploadContent>,
        dependencies: &[CommitId],
    ) -> Result<Uploaded, ClientError> {
        let asked = contents.len();
        let request = UploadRequest {
            contents: contents.into_iter().map(content).collect(),
            dep_commit_ids: dependencies.iter().map(ToString::to_string).collect(),
        };
        let (http, config) = self.parts();
        let answer = UploadServiceClient::new(http, config).upload(request).await;
        let answer = answer.map_err(|error| self.explain(&error))?;
        let text = |name| answer.headers().get(name).and_then(|value| decode_warning(value.as_bytes()));
        let (warning, breaking) = (text(WARNING_HEADER), text(BREAKING_HEADER));
        let unchanged = answer.headers().get(UNCHANGED_HEADER).and_then(|ids| ids.to_str().ok()).unwrap_or_default();
        let unchanged = unchanged.split(',').filter_map(|id| id.parse().ok()).collect();
        let commits = self.exactly(asked, answer.into_owned().commits)?;
        let commits = commits.iter().map(|commit| self.id(&commit.id)).collect::<Result<_, _>>()?;
        Ok(Uploaded { commits, unchanged, warning, breaking })
    }
}

fn content(content: UploadContent) -> upload_request::Content {
    let file = |file: &crate::model::ModuleFile| File { path: file.path.to_string(), content: file.content.clone() };
    // `buf` sends none, and equal directories are to be equal uploads.
    let has_rules = content.breaking != BreakingConfig::default();
    upload_request::Content {
        module_ref: refs::module(&content.module).into(),
        files: content.snapshot.with_options().map(file).collect(),
        scoped_label_refs: content.labels.iter().map(refs::scoped_label).collect(),
        source_control_url: content.source_control_url,
        breaking_rules: has_rules.then(|| breaking_rules(&content.breaking)).into(),
    }
}
