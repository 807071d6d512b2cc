//! A file of a crate, as cargo gets it. Long files are shown in parts.

use askama::Template;
use http::Response;

use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::page::link::file_path;
use crate::serve::web::page::module_header::{ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::source_parts::{ShownPart, shown_part};

use super::address::RequestedSdk;
use super::crate_facts::{bytes, content, is_too_large};

#[derive(Template)]
#[template(path = "crate_file.html", config = "assets/askama.toml")]
struct CrateFileView {
    chrome: Chrome,
    head: ModuleHeader,
    crate_name: String,
    path: String,
    up: String,
    size: String,
    archive: String,
    /// None if the file is not text.
    shown: Option<ShownPart>,
}

/// `/{owner}/{module}/sdks/{ref}:{pluginOwner}/{pluginName}[:version]/files/{*path}`.
pub(in crate::serve::web) fn file(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let wanted = RequestedSdk::find(visit, params)?;
    let path = params.get("path");
    let missing =
        || Refusal::not_found(format!("crate {} {} has no file {path}", wanted.crate_name, wanted.crate_version));
    let store = visit.store();
    let sdk = store.sdk(&wanted.key)?.ok_or_else(missing)?;
    let packed = store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version)?.ok_or_else(missing)?;
    if is_too_large(&packed) {
        return Err(Refusal::unprocessable(
            "this crate is too large for pages of its files; its archive has all of them",
        ));
    }
    let content = content(&packed, path, &visit.deadline)?.ok_or_else(missing)?;
    let text = std::str::from_utf8(&content).ok();
    let tail = file_path(path);
    let here = |reference: &str| format!("{}/files/{tail}", wanted.path(reference));
    let own = here(&wanted.at.reference);
    let shown = text.map(|text| shown_part(path, text, &own, &visit.query));
    ok(&CrateFileView {
        chrome: visit.chrome(format!("{path} · {}", wanted.crate_name)),
        head: wanted.at.head(visit, Tab::Sdks, &here)?,
        crate_name: wanted.crate_name.to_string(),
        path: path.into(),
        up: wanted.own_path(),
        size: bytes(content.len() as u64),
        archive: format!("/gen/archive/{}/{}/{}", wanted.at.module.name, wanted.plugin.name, wanted.at.commit.id),
        shown,
    })
}
