//! The files tab: what was pushed, line by line.

use askama::Template;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;

use crate::model::{ModuleFile, did_you_mean};
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::{self, Body};

use super::Params;
use super::head::{At, Head, Tab};
use super::link::file_path;
use super::sdk::bytes;
use super::visit::{Chrome, Visit, ok, protect};

/// Longest file that is shown with lines; a longer one is downloaded.
const MAX_SHOWN: usize = 1 << 20;

struct FileRow {
    dir: String,
    name: String,
    href: String,
    size: String,
}

#[derive(Template)]
#[template(path = "files.html", config = "assets/askama.toml")]
struct FilesView {
    chrome: Chrome,
    head: Head,
    files: Vec<FileRow>,
    archive: String,
    descriptor: String,
}

/// `/{owner}/{module}/files/{ref}`.
pub(super) fn files(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = At::find(visit, params)?;
    let name = &at.module.name;
    let head = at.head(visit, Tab::Files, &|reference| format!("/{name}/files/{reference}"))?;
    let snapshot = visit.store().snapshot(at.commit.id)?;
    ok(&FilesView {
        chrome: visit.chrome(format!("Files · {name}")),
        head,
        files: rows(&at, snapshot.with_options()),
        archive: format!("/{name}/archive/{}", at.reference),
        descriptor: format!("/{name}/descriptor/{}", at.reference),
    })
}

fn rows<'a>(at: &At, files: impl Iterator<Item = &'a ModuleFile>) -> Vec<FileRow> {
    let row = |file: &ModuleFile| {
        let path = file.path.as_str();
        let (dir, name) = path.rsplit_once('/').map_or(("", path), |(dir, name)| (dir, name));
        FileRow {
            dir: if dir.is_empty() { String::new() } else { format!("{dir}/") },
            name: name.into(),
            href: format!("{}/{}", at.tab(Tab::Files), file_path(path)),
            size: bytes(file.content.len() as u64),
        }
    };
    files.map(row).collect()
}

#[derive(Template)]
#[template(path = "file.html", config = "assets/askama.toml")]
struct FileView {
    chrome: Chrome,
    head: Head,
    path: String,
    up: String,
    raw: String,
    size: String,
    /// Absent if the file is too long or no text.
    lines: Option<Vec<String>>,
}

/// `/{owner}/{module}/files/{ref}/{*path}`.
pub(super) fn file(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = At::find(visit, params)?;
    let (name, path) = (&at.module.name, params.get("path"));
    let file = find(visit, &at, path)?;
    let tail = file_path(path);
    let here = |reference: &str| format!("/{name}/files/{reference}/{tail}");
    let text = std::str::from_utf8(&file.content).ok().filter(|text| text.len() <= MAX_SHOWN);
    ok(&FileView {
        chrome: visit.chrome(format!("{path} · {name}")),
        head: at.head(visit, Tab::Files, &here)?,
        path: path.into(),
        up: at.tab(Tab::Files),
        raw: format!("/{name}/raw/{}/{tail}", at.reference),
        size: bytes(file.content.len() as u64),
        lines: text.map(|text| text.lines().map(ToOwned::to_owned).collect()),
    })
}

/// `/{owner}/{module}/raw/{ref}/{*path}`: always as text, whatever it looks like.
pub(super) fn raw(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = At::find(visit, params)?;
    let file = find(visit, &at, params.get("path"))?;
    let mut response = respond::with(StatusCode::OK, "text/plain; charset=utf-8", file.content);
    respond::header(&mut response, CACHE_CONTROL, "no-cache");
    protect(&mut response);
    Ok(response)
}

fn find(visit: &Visit<'_>, at: &At, path: &str) -> Answer<ModuleFile> {
    let snapshot = visit.store().snapshot(at.commit.id)?;
    if let Some(file) = snapshot.with_options().find(|file| file.path.as_str() == path) {
        return Ok(file.clone());
    }
    let hint = did_you_mean(path, snapshot.with_options().map(|file| file.path.as_str()));
    Err(Refusal::not_found(format!("module {} has no file {path} at {}{hint}", at.module.name, at.called())))
}
