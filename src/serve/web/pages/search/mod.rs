//! Search over modules, declarations, crates and files, in this order.

mod suggestions;

use askama::Template;
use http::Response;

use crate::actions::search::{SearchResults, search as find};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{FileMatch, Module, SymbolMatch};

use super::home::{ModuleRow, row};
use crate::serve::web::page::emphasis::{emphasis, last_part_emphasis};
use crate::serve::web::page::link::{file_path, segment};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};

pub(in crate::serve::web) use suggestions::suggestions;

/// The most results of each kind that are shown.
const SHOWN: u32 = 24;

/// Something that was found. Name and comment are HTML.
struct Hit {
    kind: &'static str,
    name: String,
    comment: String,
    /// The module that has it, or the version of a crate.
    place: String,
    href: String,
}

/// Results of one kind, under a heading.
struct Section {
    heading: &'static str,
    hits: Vec<Hit>,
    /// How many more there are, if that is known.
    more: u64,
}

#[derive(Template)]
#[template(path = "search.html", config = "assets/askama.toml")]
struct SearchView {
    chrome: Chrome,
    query: String,
    modules: Vec<ModuleRow>,
    sections: Vec<Section>,
    is_empty: bool,
}

/// `/search?q=…`.
pub(in crate::serve::web) fn search(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let query = visit.query.get("q").trim();
    let title = if query.is_empty() { "Search".into() } else { format!("{query} · Search") };
    let found = find(&visit.actor(), query, SHOWN)?;
    let is_empty = found.is_empty();
    let modules = found.modules.iter().map(|module| module_row(visit, module, query));
    ok(&SearchView {
        chrome: visit.chrome(title),
        query: query.to_owned(),
        modules: modules.collect::<Answer<_>>()?,
        sections: sections(found, query),
        is_empty,
    })
}

fn module_row(visit: &PageRequest<'_>, module: &Module, query: &str) -> Answer<ModuleRow> {
    let name = emphasis(&module.name.to_string(), query);
    Ok(ModuleRow { name_as_html: name, ..row(visit, module.clone())? })
}

/// The sections with results, but for modules, in the order of the page.
fn sections(found: SearchResults, query: &str) -> Vec<Section> {
    let symbols = |heading, found: &[SymbolMatch]| Section {
        heading,
        hits: found.iter().map(|found| symbol(found, query)).collect(),
        more: 0,
    };
    let more = found.crates.total.saturating_sub(found.crates.crates.len() as u64);
    let crates = found.crates.crates.iter().map(|(name, version)| Hit {
        kind: "crate",
        name: emphasis(&name.to_string(), query),
        comment: String::new(),
        place: version.to_string(),
        href: format!("/{}/sdks/{}:{}", name.module(), version.commit, name.plugin()),
    });
    let sections = [
        symbols("Types", &found.types),
        symbols("Members", &found.members),
        Section { heading: "Crates", hits: crates.collect(), more },
        Section { heading: "Files", hits: found.files.iter().map(|found| file(found, query)).collect(), more: 0 },
        symbols("In comments", &found.comments),
    ];
    sections.into_iter().filter(|section| !section.hits.is_empty()).collect()
}

fn symbol(found: &SymbolMatch, query: &str) -> Hit {
    Hit {
        kind: found.symbol.kind.as_str(),
        name: last_part_emphasis(&found.symbol.name, query),
        comment: emphasis(&found.comment, query),
        place: found.module.to_string(),
        href: super::module::docs::symbol_path(found),
    }
}

fn file(found: &FileMatch, query: &str) -> Hit {
    let label = segment(found.label.as_str());
    Hit {
        kind: "file",
        name: emphasis(&found.path, query),
        comment: String::new(),
        place: found.module.to_string(),
        href: format!("/{}/files/{label}/{}", found.module, file_path(&found.path)),
    }
}
