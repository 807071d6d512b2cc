//! Requests for the index page of a crate.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, Response};
use tokio::task::block_in_place;

use crate::actions::ActionError;
use crate::actions::Caller;
use crate::actions::access::{may_read_all, may_read_dependencies, require_needs};
use crate::model::{CrateName, SdkState, index_path};
use crate::publish::{ResolveError, SdkRequestError, resolve_commit};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;
use crate::store::Module;

use super::crate_lookup;
use super::index_page::IndexPage;
use super::name_cache::NamedCrate;
use super::{login_url, reader};

/// How long a request waits for SDKs that are being made. Cargo gives up a request after 30 s without a response, and
/// repeats it three times.
pub(super) const PATIENCE: Duration = Duration::from_secs(25);

/// The response with the page of the crate at `path` (`ac/me/acme_pets_…`).
pub(in crate::serve) async fn index(state: &State, request: &Parts, path: &str) -> Response<Body> {
    match page(state, &request.headers, path).await {
        Ok(page) => page.answer(&request.headers),
        Err(refusal) => response::refuse_text(&refusal, &login_url(state, request)),
    }
}

async fn page(state: &State, headers: &HeaderMap, path: &str) -> Answer<Arc<IndexPage>> {
    let caller = reader(state, headers)?;
    let find = || crate_lookup::meaning(state, &caller, path, || find(state, &caller, path));
    let named = find()?;
    let page = match state.index.get(named.module.id, path, state.publisher.progress()) {
        Some(page) => page,
        None => {
            let unkept = block_in_place(|| demand(state, &named.module, &named.name))?;
            let settled = state.publisher.wait_for_crate(&named.name, PATIENCE).await?;
            let hindrance = unkept.or_else(|| state.publisher.outage());
            // The name may belong to another module by now.
            let named = find()?;
            let page = Arc::new(block_in_place(|| read(state, &caller, &named, settled, hindrance))?);
            if hindrance.is_none() {
                state.index.insert(named.module.id, path, Arc::clone(&page));
            }
            page
        }
    };
    if may_read_all(state.store(), &caller, &page.needs)? {
        return Ok(page);
    }
    block_in_place(|| visible(state, &caller, &named)).map(Arc::new)
}

/// Requests the missing SDK of the crate. Returns the reason if the store could not be written, because existing
/// versions are served all the same.
pub(super) fn demand(state: &State, module: &Module, name: &CrateName) -> Answer<Option<&'static str>> {
    match state.publisher.request_crate(module, name) {
        Err(SdkRequestError::Store(error)) if !error.is_final() => {
            tracing::warn!(crate_name = %name, %error, "the interest in this crate could not be stored");
            Ok(Some(error.outage()))
        }
        asked => Ok(asked.map(|()| None)?),
    }
}

/// The crate whose index path is `path`, with its module.
///
/// # Errors
/// As [`crate_lookup::find`].
pub(super) fn find(state: &State, caller: &Caller, path: &str) -> Answer<(CrateName, Module)> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if index_path(name).as_deref() != Some(&path.to_ascii_lowercase()) {
        return Err(Refusal::not_found(format!("{path} is not the index path of any crate")));
    }
    crate_lookup::find(state, caller, name)
}

/// The page of the published versions. If there are none, the refusal depends on whether the requested SDKs are done
/// (`settled`), and on the `hindrance` that keeps them from being made.
fn read(
    state: &State,
    caller: &Caller,
    named: &NamedCrate,
    settled: bool,
    hindrance: Option<&str>,
) -> Answer<IndexPage> {
    let (store, module, name) = (state.store(), &named.module, &named.name);
    let sdks = store.sdks_of_crate(module.id, name)?;
    if !sdks.is_empty() {
        let mut needs: Vec<_> = store
            .private_dependencies(module.id, module.owner, module.visibility)?
            .into_iter()
            .map(|(_, owner)| owner)
            .collect();
        needs.sort();
        needs.dedup();
        return Ok(IndexPage::new(needs, named.count, &sdks));
    }
    if let Some(refusal) = why_empty(state, caller, module, name)? {
        return Err(refusal);
    }
    Err(match (hindrance, settled) {
        (Some(words), _) => Refusal::unavailable(format!("{name} cannot be generated now: {words}; ask again later")),
        (None, false) => Refusal::unavailable(format!("{name} is still being generated; ask again")),
        (None, true) => Refusal::unprocessable(format!("{name} has no versions")),
    })
}

/// The page with the versions that this caller may read. It is not cached, because few modules depend on private
/// modules of other owners.
fn visible(state: &State, caller: &Caller, named: &NamedCrate) -> Answer<IndexPage> {
    let (store, module) = (state.store(), &named.module);
    let mut sdks = vec![];
    for sdk in store.sdks_of_crate(module.id, &named.name)? {
        if may_read_dependencies(store, caller, sdk.key.commit)? {
            sdks.push(sdk);
        }
    }
    if sdks.is_empty() {
        Err(ActionError::HiddenDependency(module.name.clone()).into())
    } else {
        Ok(IndexPage::new(vec![], named.count, &sdks))
    }
}

/// Why a crate has no version, if that is known. Cargo shows the text.
fn why_empty(state: &State, caller: &Caller, module: &Module, name: &CrateName) -> Answer<Option<Refusal>> {
    let commit = match resolve_commit(state.store(), module, "") {
        Ok(commit) => commit,
        Err(ResolveError::NoCommits { .. }) => {
            let (module, label) = (&module.name, &module.default_label);
            let text = format!("{name} has no versions yet: nothing was pushed to label {label} of module {module}");
            return Ok(Some(Refusal::unprocessable(text)));
        }
        Err(error) => return Err(error.into()),
    };
    require_needs(state.store(), caller, &module.name, commit.id)?;
    for job in state.store().jobs_of_commit(commit.id)? {
        if let SdkState::Failed { message } = job.state
            && job.crate_name == *name
        {
            let text = format!("{name} could not be generated: {message}");
            let refuse = if job.retry_at.is_some() { Refusal::unavailable } else { Refusal::unprocessable };
            return Ok(Some(refuse(text)));
        }
    }
    Ok(None)
}
