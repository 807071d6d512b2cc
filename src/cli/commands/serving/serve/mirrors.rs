//! The mirrors of a server: modules of other registries, read with the same calls as by `registry mirror`.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError};
use crate::config::mirror_source::find_source;
use crate::config::{ConfiguredMirror, Environment};
use crate::model::{CommitId, ForeignModule, LabelName, MirrorPart, ModuleName};
use crate::publish::{Fetched, FetchingHeads, MirrorSource, MirroredHead};
use crate::serve::{FetchedSettings, FetchingSettings, ScheduledMirror, ScheduledSource};

/// How long reading one module may take.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// A module of another registry.
struct Source {
    client: Client,
    host: String,
    module: ModuleName,
    labels: Vec<LabelName>,
    parts: Vec<MirrorPart>,
}

/// The mirrors of the settings, with their clients. Nothing is sent yet.
pub(super) fn of(mirrors: &[ConfiguredMirror], env: &Environment) -> Result<Vec<ScheduledMirror>, CliError> {
    let scheduled = |mirror: &ConfiguredMirror| {
        let address = find_source(&mirror.host, mirror.from.as_deref(), None, env)?;
        let client = Client::new(&address.url, address.token).map_err(CliError::Source)?;
        let ConfiguredMirror { host, module, labels, parts, every, .. } = mirror.clone();
        let source = Arc::new(Source { client, host, module, labels, parts });
        Ok(ScheduledMirror { source, every })
    };
    mirrors.iter().map(scheduled).collect()
}

impl MirrorSource for Source {
    fn name(&self) -> String {
        format!("{}/{}", self.host, self.module)
    }

    fn fetch_heads<'a>(&'a self, known: &'a (dyn Fn(CommitId) -> bool + Sync)) -> FetchingHeads<'a> {
        Box::pin(self.within_patience(self.heads(known)))
    }
}

impl ScheduledSource for Source {
    fn fetch_settings(&self, modules: Vec<ForeignModule>) -> FetchingSettings<'_> {
        Box::pin(self.within_patience(self.settings(modules)))
    }
}

impl Source {
    async fn within_patience<T>(&self, read: impl Future<Output = Result<T, ClientError>>) -> Result<T, String> {
        match tokio::time::timeout(PATIENCE, read).await {
            Ok(read) => read.map_err(|error| error.to_string()),
            Err(_) => Err(format!("{} did not send it within {} s", self.client.url(), PATIENCE.as_secs())),
        }
    }

    /// What is said of `modules` there; of the mirrored module with the parts that the settings name.
    async fn settings(&self, modules: Vec<ForeignModule>) -> Result<FetchedSettings, ClientError> {
        let mut fetched = FetchedSettings::default();
        for module in &modules {
            let parts = if module.name == self.module { &self.parts[..] } else { &[] };
            let settings = self.client.module_settings(module, parts).await?;
            fetched.requests.push(settings.request);
            fetched.unread.extend(settings.unread);
        }
        Ok(fetched)
    }

    async fn heads(&self, known: &(dyn Fn(CommitId) -> bool + Sync)) -> Result<Vec<MirroredHead>, ClientError> {
        if self.labels.is_empty() {
            return Ok(vec![self.head(None, known).await?]);
        }
        let mut heads = vec![];
        for label in &self.labels {
            heads.push(self.head(Some(label), known).await?);
        }
        Ok(heads)
    }

    /// The head of a label with what it needs. Files of what is known are not read again.
    async fn head(
        &self,
        label: Option<&LabelName>,
        known: &(dyn Fn(CommitId) -> bool + Sync),
    ) -> Result<MirroredHead, ClientError> {
        let reference = label.map(ToString::to_string).unwrap_or_default();
        let found = self.client.commits(&[(self.module.clone(), reference)]).await?;
        let missing = || ClientError::Malformed {
            url: self.client.url().to_owned(),
            what: format!("it has no commit of {}", self.module),
        };
        let outline = self.client.outline(found.first().ok_or_else(missing)?.id).await?;
        let mut commits = vec![];
        for commit in outline.commits {
            commits.push(if known(commit.id) { commit } else { self.client.with_files(commit).await? });
        }
        let fetched = Fetched { modules: outline.modules.into_values().collect(), commits };
        Ok(MirroredHead { fetched, label: label.cloned() })
    }
}
