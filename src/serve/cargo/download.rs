//! Downloads of `.crate` files.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, ETAG};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use tokio::task::block_in_place;

use crate::actions::ActionError;
use crate::actions::Caller;
use crate::actions::access::{may_read_all, readable_module};
use crate::model::{CrateName, SdkVersion};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;
use crate::store::Module;

use super::crate_cache::CrateFile;
use super::crate_lookup;
use super::name_cache::NamedCrate;
use super::{login_url, reader};

/// A published version never changes, so clients may cache it for good. Shared caches may not: it may be private.
pub(super) const FOREVER: &str = "private, max-age=31536000, immutable";

/// The response with the `.crate` file of one version.
pub(in crate::serve) fn download(state: &State, request: &Parts, name: &str, version: &str) -> Response<Body> {
    let found = reader(state, &request.headers).and_then(|caller| {
        let (named, file) = find(state, &caller, name, version)?;
        if let Some(usage) = &state.usage {
            let at = state.publisher.clock().now();
            usage.count((named.module.id, &named.name), version, caller.token(), at);
        }
        Ok(file)
    });
    match found {
        Ok(file) => {
            let mut response = response::with(StatusCode::OK, "application/gzip", file.bytes.clone());
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOREVER));
            response.headers_mut().insert(ETAG, file.etag.clone());
            response
        }
        Err(refusal) => response::refuse_text(&refusal, &login_url(state, request)),
    }
}

fn find(state: &State, caller: &Caller, name: &str, version: &str) -> Answer<(Arc<NamedCrate>, Arc<CrateFile>)> {
    let named = crate_lookup::meaning(state, caller, name, || look_up(state, caller, name))?;
    let module = &named.module;
    let kept = state.crates.get(module.id, name, version);
    let file = match kept {
        Some(file) if state.publisher.progress().is_current(module.id, file.count) => file,
        kept => {
            let file = Arc::new(block_in_place(|| read(state, &named, version, kept))?);
            state.crates.insert(module.id, name, version, Arc::clone(&file));
            file
        }
    };
    if may_read_all(state.store(), caller, &file.needs)? {
        Ok((named, file))
    } else {
        Err(ActionError::HiddenDependency(module.name.clone()).into())
    }
}

pub(super) fn look_up(state: &State, caller: &Caller, name: &str) -> Answer<(CrateName, Module)> {
    let store = state.store();
    let krate: CrateName = name.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    match readable_module(store, caller, krate.module())? {
        Some(module) => Ok((krate, module)),
        None => {
            let unknown = unknown_module(store, caller, krate.module())?;
            Err(Refusal::not_found(format!("there is no crate {name}: {unknown}")))
        }
    }
}

/// Reads which private modules the crate depends on, which may have changed, and its bytes unless they are `kept`.
fn read(state: &State, named: &NamedCrate, version: &str, kept: Option<Arc<CrateFile>>) -> Answer<CrateFile> {
    let (store, name, module) = (state.store(), &named.name, &named.module);
    let wanted: SdkVersion = version.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    let bytes = match kept {
        Some(file) => Some(file.bytes.clone()),
        None => store.crate_bytes(module.id, name, &wanted)?,
    };
    let Some(bytes) = bytes else {
        let versions = store.sdks_of_crate(module.id, name)?;
        let hint = versions.last().map(|sdk| format!("; its newest is {}", sdk.version)).unwrap_or_default();
        return Err(Refusal::not_found(format!("crate {name} has no version {version}{hint}")));
    };
    let needs = store.private_dependencies(module.id, module.owner, module.visibility)?.into_iter();
    let needs = needs.filter(|(commit, _)| commit.short() == wanted.commit).map(|(_, owner)| owner).collect();
    let etag = HeaderValue::from_str(&format!("\"{wanted}\"")).map_err(|error| Refusal::internal(&error))?;
    Ok(CrateFile { needs, count: named.count, bytes, etag })
}
