//! The face for cargo: a sparse index of generated crates. It reads, and requests missing SDKs.

mod crate_cache;
mod crate_lookup;
mod download;
pub(super) mod fuzzing;
mod index;
mod index_page;
mod name_cache;
mod search;
mod view_checksums;
mod views;

use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};

pub(super) use crate_cache::CrateCache;
pub(super) use download::download;
pub(super) use index::index;
pub(super) use index_page::IndexCache;
pub(super) use name_cache::NameCache;
pub(super) use search::search;
pub(super) use view_checksums::ViewChecksums;
pub(super) use views::{View, answer_in_view};

use super::http::error::{Answer, Refusal};
use super::http::response::{self, Body};
use super::state::State;
use crate::actions::Caller;

/// `config.json`. Cargo first requests it without a token; with `auth-required` it then requests it again with one.
pub(super) fn config(state: &State, request: &Parts) -> Response<Body> {
    config_with(state, request, "")
}

/// `config.json` of the index whose crates are below `/gen/cargo` and `downloads`.
fn config_with(state: &State, request: &Parts, downloads: &str) -> Response<Body> {
    if let Err(refusal) = reader(state, &request.headers) {
        return response::refuse_text(&refusal, &login_url(state, request));
    }
    let url = state.addresses.origin(request).url;
    let body = serde_json::json!({
        "dl": format!("{url}/gen/cargo{downloads}/api/v1/crates"),
        "api": format!("{url}/gen/cargo"),
        "auth-required": !state.anonymous_reads,
    });
    let mut response = response::json(StatusCode::OK, &body);
    response::header(&mut response, CACHE_CONTROL, "no-cache");
    response
}

/// The refusal of cargo's commands for publishing, yanking and owners: crates of this registry are made by pushing
/// modules.
pub(super) fn read_only() -> Response<Body> {
    let refusal = Refusal::forbidden(
        "crates of this registry are generated: push the Protobuf module instead (`registry push DIR` or `buf push`)",
    );
    response::refuse_json(&refusal, "")
}

/// The address of the page where a user creates a token.
fn login_url(state: &State, request: &Parts) -> String {
    format!("{}/settings", state.addresses.origin(request).url)
}

/// The caller, if they may read the registry.
fn reader(state: &State, headers: &HeaderMap) -> Answer<Caller> {
    let caller = state.auth.caller(headers)?;
    if caller.user().is_none() && !state.anonymous_reads {
        return Err(Refusal::unauthenticated(
            "this registry is read with a token: run `cargo login --registry buf \"Bearer TOKEN\"`",
        ));
    }
    Ok(caller)
}
