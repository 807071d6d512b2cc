//! The upstream of a server: another registry, read with the same calls as by `registry mirror`.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError};
use crate::config::UpstreamSettings;
use crate::model::{CommitId, TokenSecret};
use crate::publish::{Fetched, Fetching, Upstream, UpstreamError};

/// The upstream of the settings, with its client.
struct Registry {
    client: Client,
    host: String,
    timeout: Duration,
    max_bytes: u64,
}

/// The upstream of the settings. Nothing is sent yet.
pub(super) fn of(settings: &UpstreamSettings) -> Result<Arc<dyn Upstream>, CliError> {
    let token = settings.token_file.as_deref().map(read_token).transpose()?;
    let client = Client::new(&settings.url, token)?.with_largest_answer(settings.max_bytes);
    let host = settings.url.split_once("://").map_or(settings.url.as_str(), |(_, host)| host);
    let host = host.split('/').next().unwrap_or(host).to_owned();
    Ok(Arc::new(Registry { client, host, timeout: settings.timeout, max_bytes: settings.max_bytes }))
}

fn read_token(path: &std::path::Path) -> Result<TokenSecret, CliError> {
    let problem = |reason: String| CliError::CannotRun(format!("upstream-token-file {}: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
    TokenSecret::presented(text.trim()).ok_or_else(|| problem("it does not hold a token alone".into()))
}

impl Upstream for Registry {
    fn host(&self) -> &str {
        &self.host
    }

    fn fetch<'a>(&'a self, commit: CommitId, known: &'a (dyn Fn(CommitId) -> bool + Sync)) -> Fetching<'a> {
        Box::pin(async move {
            let fetched = tokio::time::timeout(self.timeout, self.fetch_all(commit, known)).await;
            let (url, seconds) = (self.client.url().to_owned(), self.timeout.as_secs());
            fetched.unwrap_or(Err(UpstreamError::Slow { commit, url, seconds }))
        })
    }
}

impl Registry {
    async fn fetch_all(
        &self,
        commit: CommitId,
        known: &(dyn Fn(CommitId) -> bool + Sync),
    ) -> Result<Fetched, UpstreamError> {
        let outline = self.client.outline(commit).await.map_err(|error| self.failed(commit, error))?;
        let (mut commits, mut bytes) = (vec![], 0);
        for missing in outline.commits.into_iter().filter(|one| !known(one.id)) {
            let whole = self.client.with_files(missing).await.map_err(|error| self.failed(commit, error))?;
            bytes += whole.files.iter().map(|file| file.content.len() as u64).sum::<u64>();
            if bytes > self.max_bytes {
                return Err(self.too_large(commit));
            }
            commits.push(whole);
        }
        Ok(Fetched { modules: outline.modules.into_values().collect(), commits })
    }

    fn too_large(&self, commit: CommitId) -> UpstreamError {
        UpstreamError::TooLarge { commit, url: self.client.url().to_owned(), limit: self.max_bytes }
    }

    fn failed(&self, commit: CommitId, error: ClientError) -> UpstreamError {
        let reason = match error {
            ClientError::TooLarge { .. } => return self.too_large(commit),
            ClientError::Unreachable { reason, .. } => format!("it does not answer: {reason}"),
            ClientError::NoToken { message, .. } | ClientError::BadToken { message, .. } => {
                format!("it does not accept the token of upstream-token-file: {message}")
            }
            ClientError::Refused { message, .. } => message,
            other => other.to_string(),
        };
        UpstreamError::Failed { commit, url: self.client.url().to_owned(), reason }
    }
}
