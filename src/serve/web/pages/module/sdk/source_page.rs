//! A file of a crate, as cargo gets it. Long files are shown in parts.

use askama::Template;
use http::Response;

use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::highlight;
use crate::serve::web::page::excerpt::beginning;
use crate::serve::web::page::link::file_path;
use crate::serve::web::page::module_header::{Choice, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::source_view::SourceView;

use super::address::RequestedSdk;
use super::crate_facts::{bytes, content, is_too_large};

/// The most lines, and about the most bytes, of one part.
const LINES: usize = 2_000;
const BYTES: usize = 160 << 10;

/// The most bytes of a line that are shown; a default value may have megabytes.
const LINE: usize = 4_000;

/// The most parts that are linked.
const MAX_PARTS: usize = 200;

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
    source: Option<SourceView>,
    parts: Vec<Choice>,
    /// Whether lines are cut.
    cut: bool,
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
    let parts = text.map(parts).unwrap_or_default();
    let current = visit.query.get("part").parse::<usize>().unwrap_or(1).clamp(1, parts.len().max(1)) - 1;
    let shown = parts.get(current).map(|part| shown(path, part));
    let tail = file_path(path);
    let here = |reference: &str| format!("{}/files/{tail}", wanted.path(reference));
    let own = here(&wanted.at.reference);
    let choice = |(at, part): (usize, &Part<'_>)| Choice {
        name: format!("{}–{}", part.first, part.first + part.lines.len() - 1),
        href: format!("{own}?part={}", at + 1),
        current: at == current,
        mark: "",
    };
    ok(&CrateFileView {
        chrome: visit.chrome(format!("{path} · {}", wanted.crate_name)),
        head: wanted.at.head(visit, Tab::Sdks, &here)?,
        crate_name: wanted.crate_name.to_string(),
        path: path.into(),
        up: wanted.own_path(),
        size: bytes(content.len() as u64),
        archive: format!("/gen/archive/{}/{}/{}", wanted.at.module.name, wanted.plugin.name, wanted.at.commit.id),
        cut: shown.as_ref().is_some_and(|(_, cut)| *cut),
        source: shown.map(|(source, _)| source),
        parts: if parts.len() > 1 { parts.iter().enumerate().take(MAX_PARTS).map(choice).collect() } else { vec![] },
    })
}

/// Lines that follow each other.
struct Part<'a> {
    first: usize,
    lines: Vec<&'a str>,
}

/// The parts of a text, each short enough for a page; an empty text has one.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![Part { first: 1, lines: vec![] }];
    let mut length = 0;
    for (at, line) in text.lines().enumerate() {
        let size = line.len().min(LINE) + 1;
        let is_full = parts.last().is_some_and(|part| part.lines.len() >= LINES) || length > 0 && length + size > BYTES;
        if is_full {
            parts.push(Part { first: at + 1, lines: vec![] });
            length = 0;
        }
        length += size;
        if let Some(part) = parts.last_mut() {
            part.lines.push(line);
        }
    }
    parts
}

/// The part with its marks, and whether a line is cut.
fn shown(path: &str, part: &Part<'_>) -> (SourceView, bool) {
    let mut text = String::new();
    let mut cut = false;
    for line in &part.lines {
        let shown = beginning(line, LINE);
        text.push_str(shown);
        if shown.len() < line.len() {
            text.push('…');
            cut = true;
        }
        text.push('\n');
    }
    (SourceView::new(&text, &highlight::spans_of_file(path, &text), part.first), cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_all_lines_and_none_is_too_long() {
        let text = "a\n".repeat(LINES + 1)
            + &format!("{}\n", "x".repeat(BYTES))
            + &format!("{}\n", "y".repeat(3_000)).repeat(100);
        let found = parts(&text);
        let firsts: Vec<_> = found.iter().map(|part| part.first).collect();
        assert_eq!(firsts[..2], [1, LINES + 1]);
        assert_eq!(found.iter().map(|part| part.lines.len()).sum::<usize>(), text.lines().count());
        for part in &found {
            let (view, _) = shown("lib.rs", part);
            assert!(view.lines.iter().map(String::len).sum::<usize>() < 2 * BYTES);
        }
        assert!(shown("lib.rs", &found[1]).1, "a line is cut");
        assert_eq!(parts("").len(), 1);
    }
}
