//! The bytes of a crate.

use http::header::{CACHE_CONTROL, ETAG};
use http::{HeaderMap, Response, StatusCode};
use tokio::task::block_in_place;

use crate::model::{CrateName, SdkVersion, did_you_mean};
use crate::serve::access::readable_module;
use crate::serve::auth::Caller;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::{self, Body};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;

use super::{login_url, reader};

/// A published version never changes, so its answer may be kept for good; not by shared caches, it may be private.
const FOREVER: &str = "private, max-age=31536000, immutable";

/// Answers with the `.crate` file of one version.
pub(in crate::serve) async fn download(
    state: &State,
    headers: &HeaderMap,
    name: &str,
    version: &str,
) -> Response<Body> {
    let answer = reader(state, headers).and_then(|caller| block_in_place(|| read(state, &caller, name, version)));
    answer.unwrap_or_else(|refusal| respond::refuse_text(&refusal, &login_url(&state.own_url)))
}

fn read(state: &State, caller: &Caller, name: &str, version: &str) -> Answer<Response<Body>> {
    let store = state.store();
    let krate: CrateName = name.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    if readable_module(store, caller, krate.module())?.is_none() {
        let unknown = unknown_module(store, caller, krate.module())?;
        return Err(Refusal::not_found(format!("there is no crate {name}: {unknown}")));
    }
    let wanted: SdkVersion = version.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    let Some(bytes) = state.crates.get(store, &krate, &wanted)? else {
        let versions: Vec<_> = store.sdks_of_crate(&krate)?.iter().map(|sdk| sdk.version.to_string()).collect();
        let hint = did_you_mean(version, versions.iter().map(String::as_str));
        return Err(Refusal::not_found(format!("crate {name} has no version {version}{hint}")));
    };
    let mut response = respond::with(StatusCode::OK, "application/gzip", bytes);
    respond::header(&mut response, CACHE_CONTROL, FOREVER);
    respond::header(&mut response, ETAG, &format!("\"{version}\""));
    Ok(response)
}
