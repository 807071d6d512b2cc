//! The index in which the head of a label is the newest release of its module.
//!
//! It lists what the index lists, and beside it the heads of the label under versions that are above all releases:
//! `0.5.0-99261128034455-ce529d32d80c.1`, with the time at which the label moved there, in a century 99. So
//! requirements on releases are met by the label, those in the manifests of other crates too, and modules without the
//! label are as in the index. Such a version follows from commit and move alone. Lock files hold while its move is
//! among the last [`HEADS`]. Its crate is that of the commit, packed again: cargo wants the version of the index in the
//! manifest and in the names of files. Dependencies on crates of the same commit, as of stubs on messages, get the same
//! version.

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use tokio::task::block_in_place;

use crate::actions::Caller;
use crate::actions::access::require_needs;
use crate::model::{CommitId, CrateName, LabelName, PluginRef, ReleaseTime, SdkVersion, Sha256Digest, Timestamp};
use crate::publish::{SdkPurpose, SdkRequest, retimed, with_time};
use crate::serve::cargo::crate_lookup;
use crate::serve::cargo::download::{self, FOREVER, look_up};
use crate::serve::cargo::index::{self, PATIENCE, demand};
use crate::serve::cargo::index_page::IndexPage;
use crate::serve::cargo::name_cache::NamedCrate;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;
use crate::store::{Module, Sdk};

use super::readable_page::readable_page;

/// The number of a label's last moves whose commits a view lists: each costs packing a crate once.
const HEADS: usize = 20;

/// The number of moves that are read: the time of one can depend on those just before it.
const READ: u64 = 100;

/// The page of the crate at `path`.
pub(super) async fn page(state: &State, caller: &Caller, label: &LabelName, path: &str) -> Answer<IndexPage> {
    let find = || crate_lookup::meaning(state, caller, path, || index::find(state, caller, path));
    let named = find()?;
    block_in_place(|| {
        demand(state, &named.module, &named.name)?;
        demand_head(state, &named, label)
    })?;
    state.publisher.wait_for_crate(&named.name, PATIENCE).await?;
    let named = find()?;
    block_in_place(|| read(state, caller, &named, label))
}

/// Requests the SDK of the label's head, unless it was ever requested.
fn demand_head(state: &State, named: &NamedCrate, label: &LabelName) -> Answer<()> {
    let (store, module) = (state.store(), &named.module);
    let Some(label) = store.label(module.id, label)? else { return Ok(()) };
    let made = store.sdks_of_commit(label.commit)?.iter().any(|sdk| sdk.crate_name == named.name);
    if made || store.jobs_of_commit(label.commit)?.iter().any(|job| job.crate_name == named.name) {
        return Ok(());
    }
    let plugin = PluginRef { name: named.name.plugin().clone(), version: None };
    let request = SdkRequest { plugin, reference: label.name.to_string(), purpose: SdkPurpose::Once, by: None };
    state.publisher.request_sdk(module, &request)?;
    Ok(())
}

fn read(state: &State, caller: &Caller, named: &NamedCrate, label: &LabelName) -> Answer<IndexPage> {
    let mut sdks = state.store().sdks_of_crate(named.module.id, &named.name)?;
    let mut heads = vec![];
    for (commit, time) in moves(state, &named.module, label)? {
        for sdk in sdks.iter().filter(|sdk| sdk.key.commit == commit) {
            heads.push(under(state, sdk, &time)?);
        }
    }
    sdks.extend(heads);
    if sdks.is_empty() {
        let text = format!("{} has no versions yet, neither of label {label} nor released", named.name);
        return Err(Refusal::unprocessable(text));
    }
    readable_page(state, caller, named, sdks)
}

/// The last commits of the label, with the time that stands for each move.
fn moves(state: &State, module: &Module, label: &LabelName) -> Answer<Vec<(CommitId, ReleaseTime)>> {
    let Some(label) = state.store().label(module.id, label)?.filter(|label| label.archived.is_none()) else {
        return Ok(vec![]);
    };
    let mut history = state.store().label_history(label.id, true, 0, READ)?.items;
    history.reverse();
    history.dedup_by_key(|event| event.commit);
    let mut moves = vec![];
    let mut last: Option<Timestamp> = None;
    for event in history {
        // Versions count seconds, and each move is newer than the one before.
        let at = last.map_or(event.at, |last| last.next_second().max(event.at));
        moves.push((event.commit, ReleaseTime::in_view(at)));
        last = Some(at);
    }
    let listed = moves.split_off(moves.len().saturating_sub(HEADS));
    Ok(listed)
}

/// The SDK with the version that a move of the label gives it.
fn under(state: &State, sdk: &Sdk, time: &ReleaseTime) -> Answer<Sdk> {
    let version = SdkVersion { time: time.clone(), ..sdk.version.clone() };
    let name = format!("{}/{version}", sdk.crate_name);
    let checksum = state
        .view_checksums
        .get(sdk.module, name, || Ok::<_, Refusal>(Sha256Digest::of(&packed(state, sdk, time)?)))?;
    let line = retimed(&sdk.index_line, &sdk.version, time);
    let index_line = line.replace(&sdk.checksum.to_string(), &checksum.to_string());
    Ok(Sdk { version, checksum, index_line, ..sdk.clone() })
}

/// The crate with the version that a move of the label gives it.
fn packed(state: &State, sdk: &Sdk, time: &ReleaseTime) -> Answer<Vec<u8>> {
    let _turn = state.view_checksums.turn();
    let bytes = state.store().crate_bytes(sdk.module, &sdk.crate_name, &sdk.version)?;
    let bytes = bytes.ok_or_else(|| Refusal::not_found(format!("crate {} {} is gone", sdk.crate_name, sdk.version)))?;
    with_time(&bytes, &sdk.crate_name, &sdk.version, time).map_err(|error| Refusal::internal(&error))
}

/// The response with the `.crate` file of a version of the view: one of a head of the label, or one of the index.
///
/// # Errors
/// When there is none for the caller.
pub(super) fn download(
    state: &State,
    request: &Parts,
    caller: &Caller,
    label: &LabelName,
    name: &str,
    version: &str,
) -> Answer<Response<Body>> {
    let named = crate_lookup::meaning(state, caller, name, || look_up(state, caller, name))?;
    let found = match version.parse::<SdkVersion>() {
        Ok(wanted) => of_head(state, &named.module, &named.name, label, &wanted)?,
        Err(_) => None,
    };
    let Some(sdk) = found else { return Ok(download::download(state, request, name, version)) };
    let (sdk, time) = sdk;
    require_needs(state.store(), caller, &named.module.name, sdk.key.commit)?;
    let bytes = Bytes::from(packed(state, &sdk, &time)?);
    let mut response = response::with(StatusCode::OK, "application/gzip", bytes);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    Ok(response)
}

/// The SDK that has `wanted` as its version in the view, with the time of that version.
fn of_head(
    state: &State,
    module: &Module,
    name: &CrateName,
    label: &LabelName,
    wanted: &SdkVersion,
) -> Answer<Option<(Sdk, ReleaseTime)>> {
    let moved = moves(state, module, label)?;
    let moved = moved.into_iter().find(|(commit, time)| commit.short() == wanted.commit && *time == wanted.time);
    let Some((commit, time)) = moved else { return Ok(None) };
    let sdks = state.store().sdks_of_crate(module.id, name)?;
    let is_it = |sdk: &Sdk| {
        let version = &sdk.version;
        sdk.key.commit == commit && version.plugin == wanted.plugin && version.revision == wanted.revision
    };
    Ok(sdks.into_iter().find(is_it).map(|sdk| (sdk, time)))
}
