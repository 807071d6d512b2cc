//! The files tab: the pushed files, with line numbers, and Protobuf with links and an outline.

mod declarations;
pub(in crate::serve::web) mod folders;
mod since;
mod source_links;

use askama::Template;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;

use crate::model::{ModuleFile, Snapshot, did_you_mean};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::store::ListedFile;

use super::sdk::bytes;
use crate::serve::web::highlight;
use crate::serve::web::highlight::proto::{self, Outlined};
use crate::serve::web::page::link::file_path;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::source_parts::{ShownPart, shown_part};
use crate::serve::web::page::source_view::SourceView;
use folders::{Listing, listing};

/// The most bytes of a file that is shown at once, with links. A longer file is shown in parts.
const MAX_SHOWN: usize = 192 << 10;

/// The most lines of a file that is shown at once.
const MAX_LINES: usize = 10_000;

/// The most declarations in the outline of a file.
const MAX_OUTLINED: usize = 500;

/// The most files and folders of one folder that are listed.
const MAX_LISTED: usize = 3_000;

struct FileRow {
    dir: String,
    name: String,
    href: String,
    size: String,
}

struct FolderRow {
    name: String,
    href: String,
    count: usize,
}

#[derive(Template)]
#[template(path = "files.html", config = "assets/askama.toml")]
struct FilesView {
    chrome: Chrome,
    head: ModuleHeader,
    /// The shown folder, with a slash at its end; empty for all files.
    folder: String,
    up: String,
    total: usize,
    folders: Vec<FolderRow>,
    files: Vec<FileRow>,
    /// The number of files and folders that are not listed, because there are too many.
    more: usize,
    archive: String,
    descriptor: String,
}

/// `/{owner}/{module}/files/{ref}`.
pub(in crate::serve::web) fn files(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let files = visit.store().list_files(at.commit.id)?;
    let listing = listing(files.iter(), "").unwrap_or(Listing { folders: vec![], files: vec![] });
    folder(visit, &at, "", &listing)
}

fn folder(visit: &PageRequest<'_>, at: &ModuleAtCommit, folder: &str, listing: &Listing<'_>) -> Answer<Response<Body>> {
    let name = &at.module.name;
    let tail = file_path(folder.trim_end_matches('/'));
    let slash = if tail.is_empty() { "" } else { "/" };
    let here = |reference: &str| format!("/{name}/files/{reference}{slash}{tail}");
    let row = |(path, count): &(String, usize)| FolderRow {
        name: path[folder.len()..].to_owned(),
        href: format!("{}/{}", at.tab(Tab::Files), file_path(path.trim_end_matches('/'))),
        count: *count,
    };
    let room = MAX_LISTED.saturating_sub(listing.folders.len());
    ok(&FilesView {
        chrome: visit.chrome(format!("{name} · Files")),
        head: at.head(visit, Tab::Files, &here)?,
        folder: folder.to_owned(),
        up: at.tab(Tab::Files),
        total: listing.files.len() + listing.folders.iter().map(|(_, count)| count).sum::<usize>(),
        more: (listing.folders.len() + listing.files.len()).saturating_sub(MAX_LISTED),
        folders: listing.folders.iter().take(MAX_LISTED).map(row).collect(),
        files: listing.files.iter().take(room).map(|file| file_row(at, folder, file)).collect(),
        archive: format!("/{name}/archive/{}", at.reference),
        descriptor: format!("/{name}/descriptor/{}", at.reference),
    })
}

fn file_row(at: &ModuleAtCommit, folder: &str, file: &ListedFile) -> FileRow {
    let path = &file.path.as_str()[folder.len()..];
    let (dir, name) = path.rsplit_once('/').map_or(("", path), |(dir, name)| (dir, name));
    FileRow {
        dir: if dir.is_empty() { String::new() } else { format!("{dir}/") },
        name: name.into(),
        href: format!("{}/{}", at.tab(Tab::Files), file_path(file.path.as_str())),
        size: bytes(file.size),
    }
}

#[derive(Template)]
#[template(path = "file.html", config = "assets/askama.toml")]
struct FileView {
    chrome: Chrome,
    head: ModuleHeader,
    path: String,
    up: String,
    raw: String,
    size: String,
    /// None if the file is too long or is not text.
    source: Option<SourceView>,
    /// A part of a long text.
    part: Option<ShownPart>,
    outline: Vec<OutlineRow>,
    /// The number of declarations that the outline leaves out.
    more: usize,
}

struct OutlineRow {
    kind: String,
    name: String,
    line: usize,
    depth: usize,
}

/// A file that is shown.
#[derive(Default)]
struct ShownFile {
    source: Option<SourceView>,
    outline: Vec<OutlineRow>,
}

/// `/{owner}/{module}/files/{ref}/{*path}`: a file, or the content of a folder.
pub(in crate::serve::web) fn file(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let (name, path) = (&at.module.name, params.get("path"));
    let files = visit.store().list_files(at.commit.id)?;
    let inside = format!("{}/", path.trim_end_matches('/'));
    if let Some(listing) = listing(files.iter(), &inside) {
        return folder(visit, &at, &inside, &listing);
    }
    let file = find(visit, &at, path)?;
    let tail = file_path(path);
    let here = |reference: &str| format!("/{name}/files/{reference}/{tail}");
    let long = std::str::from_utf8(&file.content).ok().filter(|_| short_text(&file.content).is_none());
    let part = long.map(|text| shown_part(path, text, &here(&at.reference), &visit.query));
    let mut shown = match short_text(&file.content) {
        Some(text) => show(visit, &at, (path, &files), text)?,
        None => ShownFile::default(),
    };
    let more = shown.outline.len().saturating_sub(MAX_OUTLINED);
    shown.outline.truncate(MAX_OUTLINED);
    ok(&FileView {
        chrome: visit.chrome(format!("{path} · {name}")),
        head: at.head(visit, Tab::Files, &here)?,
        path: path.into(),
        up: at.tab(Tab::Files),
        raw: format!("/{name}/raw/{}/{tail}", at.reference),
        size: bytes(file.content.len() as u64),
        source: shown.source,
        part,
        outline: shown.outline,
        more,
    })
}

/// The content as text, if it is text and short enough to be shown at once.
fn short_text(content: &[u8]) -> Option<&str> {
    let text = Some(content).filter(|content| content.len() <= MAX_SHOWN);
    let text = text.and_then(|content| std::str::from_utf8(content).ok());
    text.filter(|text| text.lines().count() <= MAX_LINES)
}

fn show(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    (path, files): (&str, &[ListedFile]),
    text: &str,
) -> Answer<ShownFile> {
    if !path.ends_with(".proto") {
        let spans = highlight::spans_of_file(path, text);
        return Ok(ShownFile { source: Some(SourceView::new(text, &spans, 1)), outline: vec![] });
    }
    let mut source = proto::read(text);
    let set = source_links::descriptors(visit, at, (path, files));
    if let Some(set) = &set {
        source_links::fill_in(visit, at, (set, path), &mut source)?;
    }
    let mut view = SourceView::new(text, &source.spans, 1);
    if let Some(set) = &set {
        view.notes = since::notes(visit, at, (set, path), view.lines.len())?;
    }
    Ok(ShownFile { source: Some(view), outline: outline(text, &source.outline) })
}

/// The outline with line numbers; it is in the order of the text.
fn outline(text: &str, outlined: &[Outlined<'_>]) -> Vec<OutlineRow> {
    let (mut line, mut counted) = (1, 0);
    let row = |declared: &Outlined<'_>| {
        line += text.get(counted..declared.offset).unwrap_or_default().matches('\n').count();
        counted = declared.offset;
        OutlineRow { kind: declared.kind.into(), name: declared.name.into(), line, depth: declared.depth.min(4) }
    };
    outlined.iter().map(row).collect()
}

/// `/{owner}/{module}/raw/{ref}/{*path}`: the file, always as plain text.
pub(in crate::serve::web) fn raw(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let file = find(visit, &at, params.get("path"))?;
    let mut response = response::with(StatusCode::OK, "text/plain; charset=utf-8", file.content);
    response::header(&mut response, CACHE_CONTROL, "no-cache");
    Ok(response)
}

fn find(visit: &PageRequest<'_>, at: &ModuleAtCommit, path: &str) -> Answer<ModuleFile> {
    if !Snapshot::v1_names().contains(&path)
        && let Some((file, _)) = visit.store().file(at.commit.id, path)?
    {
        return Ok(file);
    }
    let files = visit.store().list_files(at.commit.id)?;
    let hint = did_you_mean(path, files.iter().map(|file| file.path.as_str()));
    Err(Refusal::not_found(format!("module {} has no file {path} at {}{hint}", at.module.name, at.called())))
}
