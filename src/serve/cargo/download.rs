//! The bytes of a crate.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, ETAG};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use tokio::task::block_in_place;

use crate::model::{CrateName, SdkVersion};
use crate::serve::access::{may_read, readable_module};
use crate::serve::auth::Caller;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::{self, Body};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;

use super::crates::CrateFile;
use super::{login_url, reader};

/// A published version never changes, so its answer may be kept for good; not by shared caches, it may be private.
const FOREVER: &str = "private, max-age=31536000, immutable";

/// Answers with the `.crate` file of one version.
pub(in crate::serve) fn download(state: &State, request: &Parts, name: &str, version: &str) -> Response<Body> {
    let found = reader(state, &request.headers).and_then(|caller| find(state, &caller, name, version));
    match found {
        Ok(file) => {
            let mut response = respond::with(StatusCode::OK, "application/gzip", file.bytes.clone());
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOREVER));
            response.headers_mut().insert(ETAG, file.etag.clone());
            response
        }
        Err(refusal) => respond::refuse_text(&refusal, &login_url(state, request)),
    }
}

fn find(state: &State, caller: &Caller, name: &str, version: &str) -> Answer<Arc<CrateFile>> {
    let kept = state.crates.get(name, version);
    let count = state.publisher.progress().count();
    if let Some(file) = kept.as_ref().filter(|file| file.count == count)
        && may_read(state.store(), caller, &file.module)?
    {
        return Ok(Arc::clone(file));
    }
    let bytes = kept.map(|file| file.bytes.clone());
    let file = Arc::new(block_in_place(|| read(state, caller, name, version, count, bytes))?);
    state.crates.insert(name, version, Arc::clone(&file));
    Ok(file)
}

/// Reads the module again, which may have changed, and the bytes unless they are at hand.
fn read(
    state: &State,
    caller: &Caller,
    name: &str,
    version: &str,
    count: u64,
    bytes: Option<bytes::Bytes>,
) -> Answer<CrateFile> {
    let store = state.store();
    let krate: CrateName = name.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    let Some(module) = readable_module(store, caller, krate.module())? else {
        let unknown = unknown_module(store, caller, krate.module())?;
        return Err(Refusal::not_found(format!("there is no crate {name}: {unknown}")));
    };
    let wanted: SdkVersion = version.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    let bytes = match bytes {
        Some(bytes) => Some(bytes),
        None => store.crate_bytes(&krate, &wanted)?,
    };
    let Some(bytes) = bytes else {
        let versions = store.sdks_of_crate(&krate)?;
        let hint = versions.last().map(|sdk| format!("; its newest is {}", sdk.version)).unwrap_or_default();
        return Err(Refusal::not_found(format!("crate {name} has no version {version}{hint}")));
    };
    let etag = HeaderValue::from_str(&format!("\"{wanted}\"")).map_err(|error| Refusal::internal(&error))?;
    Ok(CrateFile { module, count, bytes, etag })
}
