//! Missing dependencies of a push are fetched from the upstream, if there is one. Otherwise the refusal names the
//! command that imports them. Reads never fetch anything.

use std::sync::Arc;

use connectrpc::RequestContext;
use tokio::task::block_in_place;

use crate::actions::access::viewer;
use crate::model::{CommitId, IdError};
use crate::publish::{DependencyError, ImportFetchedError, Upstream, UpstreamError};
use crate::serve::http::error::{Answer, Kind, Refusal};

use crate::serve::rpc::call::context::Call;
use crate::serve::rpc::call::references;

/// A dependency that a request names.
pub(in crate::serve::rpc) struct NeededRef {
    pub id: String,
    /// The registry that it belongs to; empty if the request does not name one.
    pub registry: String,
}

impl NeededRef {
    /// A dependency without a registry.
    pub(in crate::serve::rpc) fn here(id: String) -> Self {
        Self { id, registry: String::new() }
    }
}

/// The dependencies of a request; `here` is this registry as the client addressed it.
///
/// # Errors
/// When an id is not valid.
pub(in crate::serve::rpc) fn checked_all(needed: Vec<NeededRef>, here: &str) -> Answer<Vec<Needed>> {
    let checked = |needed: NeededRef| {
        let commit = needed.id.parse();
        let commit =
            commit.map_err(|error: IdError| Refusal::invalid(format!("a dependency is not a commit: {error}")))?;
        let registry = if needed.registry == here { String::new() } else { needed.registry };
        Ok(Needed { commit, registry })
    };
    needed.into_iter().map(checked).collect()
}

/// A commit that a push depends on.
pub(in crate::serve::rpc) struct Needed {
    pub commit: CommitId,
    /// The other registry that it belongs to; empty for this registry, or if the request names none.
    registry: String,
}

/// Refuses commits that this registry does not have, or that the caller may not read, with the same message for both.
///
/// # Errors
/// When there are such commits.
pub(in crate::serve::rpc) fn check_here(call: &Call, needed: &[Needed]) -> Answer<()> {
    let mut elsewhere = vec![];
    for Needed { commit, registry } in needed {
        if references::readable_commit(call, *commit)?.is_some() {
            continue;
        }
        if registry.is_empty() {
            return Err(Refusal::not_found(DependencyError::Unknown(*commit).to_string()));
        }
        elsewhere.push(format!("registry mirror {registry}/{commit}"));
    }
    let message = match &elsewhere[..] {
        [] => return Ok(()),
        [line] => format!("a dependency of another registry is not in this one; import it first: {line}"),
        lines => format!(
            "{} dependencies of another registry are not in this one; import them first:\n{}",
            lines.len(),
            lines.join("\n")
        ),
    };
    Err(Refusal::not_found(message))
}

/// Fetches the commits of `needed` that this registry does not have and the upstream may have.
///
/// # Errors
/// When the upstream fails, or a fetched commit is refused.
pub(in crate::serve::rpc) async fn fetch_missing(call: &Call, ctx: &RequestContext, needed: &[Needed]) -> Answer<()> {
    let Some(upstream) = &call.state.upstream else { return Ok(()) };
    for Needed { commit, registry } in needed {
        let elsewhere = !registry.is_empty() && registry != upstream.host();
        if !elsewhere && block_in_place(|| call.store().commit(*commit))?.is_none() {
            fetch(call, ctx, upstream, *commit).await?;
        }
    }
    Ok(())
}

async fn fetch(call: &Call, ctx: &RequestContext, upstream: &Arc<dyn Upstream>, commit: CommitId) -> Answer<()> {
    // If the store fails here, it fails again below, where the error is reported.
    let known = |id: CommitId| block_in_place(|| matches!(call.store().commit(id), Ok(Some(_))));
    let fetched = upstream.fetch(commit, &known).await?;
    let (by, viewer) = (call.actor().author()?, viewer(&call.caller));
    call.push_work(ctx, move |publisher| publisher.import_fetched(fetched, by, viewer)).await?;
    Ok(())
}

impl From<UpstreamError> for Refusal {
    /// Not `unavailable`, although the upstream is: `buf` hides the message of that code.
    fn from(error: UpstreamError) -> Self {
        tracing::warn!(%error, "upstream");
        let kind = if matches!(error, UpstreamError::TooLarge { .. }) { Kind::TooLarge } else { Kind::Precondition };
        Self::new(kind, error.to_string())
    }
}

impl From<ImportFetchedError> for Refusal {
    fn from(error: ImportFetchedError) -> Self {
        match error {
            ImportFetchedError::Import(error) => error.into(),
            ImportFetchedError::Store(error) => error.into(),
            ImportFetchedError::OwnerTaken(_) | ImportFetchedError::Private(_) => Self::forbidden(error.to_string()),
        }
    }
}
