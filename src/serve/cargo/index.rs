//! One crate's page of the sparse index.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Response};
use tokio::task::block_in_place;

use crate::model::CrateName;
use crate::publish::{DemandError, ResolveError, resolve_commit};
use crate::serve::access::may_read;
use crate::serve::auth::Caller;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::{self, Body};
use crate::serve::state::State;
use crate::store::{JobState, Module, StoreError};

use super::page::IndexPage;
use super::{login_url, names, reader};

/// How long a request waits for SDKs that are being made. Cargo gives a request up after 30 s without an answer and
/// repeats it three times.
const PATIENCE: Duration = Duration::from_secs(25);

/// Answers with the page of the crate that `path` (`ac/me/acme_pets_…`) names.
pub(in crate::serve) async fn index(state: &State, headers: &HeaderMap, path: &str) -> Response<Body> {
    match page(state, headers, path).await {
        Ok(page) => page.answer(headers),
        Err(refusal) => respond::refuse_text(&refusal, &login_url(&state.own_url)),
    }
}

async fn page(state: &State, headers: &HeaderMap, path: &str) -> Answer<Arc<IndexPage>> {
    let caller = reader(state, headers)?;
    if let Some(page) = state.index.get(path, state.publisher.progress().count())
        && may_read(state.store(), &caller, &page.module)?
    {
        return Ok(page);
    }
    let (name, module) = block_in_place(|| find(state, &caller, path))?;
    block_in_place(|| demand(state, &module, &name))?;
    if !state.publisher.settle_crate(&name, PATIENCE).await? {
        return Err(Refusal::unavailable(format!("{name} is still being generated; ask again")));
    }
    let page = Arc::new(block_in_place(|| read(state, module, &name))?);
    state.index.insert(path, Arc::clone(&page));
    Ok(page)
}

/// Asks for what is missing. A store that cannot be written is no reason not to serve what is there.
fn demand(state: &State, module: &Module, name: &CrateName) -> Answer<()> {
    match state.publisher.demand_crate(module, name) {
        Err(DemandError::Store(error))
            if matches!(error, StoreError::Full { .. }) || error.disk_failure().is_some() =>
        {
            tracing::warn!(crate_name = %name, %error, "the interest in this crate could not be kept");
            Ok(())
        }
        asked => Ok(asked?),
    }
}

fn find(state: &State, caller: &Caller, path: &str) -> Answer<(CrateName, Module)> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if names::index_path(name).as_deref() != Some(&path.to_ascii_lowercase()) {
        return Err(Refusal::not_found(format!("{path} is not the index path of any crate")));
    }
    names::find(state, caller, name)
}

fn read(state: &State, module: Module, name: &CrateName) -> Answer<IndexPage> {
    let count = state.publisher.progress().count();
    let sdks = state.store().sdks_of_crate(name)?;
    if sdks.is_empty() {
        return Err(why_empty(state, &module, name)?);
    }
    Ok(IndexPage::new(module, count, &sdks))
}

/// Why a crate that could exist has no version: cargo shows the text.
fn why_empty(state: &State, module: &Module, name: &CrateName) -> Answer<Refusal> {
    let commit = match resolve_commit(state.store(), module, "") {
        Ok(commit) => commit,
        Err(ResolveError::NoCommits { .. }) => {
            let (module, label) = (&module.name, &module.default_label);
            let text = format!("{name} has no versions yet: nothing was pushed to label {label} of module {module}");
            return Ok(Refusal::unprocessable(text));
        }
        Err(error) => return Err(error.into()),
    };
    for job in state.store().jobs_of_commit(commit.id)? {
        if let JobState::Failed { message } = job.state
            && job.crate_name == *name
        {
            return Ok(Refusal::unprocessable(format!("{name} could not be generated: {message}")));
        }
    }
    Ok(Refusal::unprocessable(format!("{name} has no versions")))
}
