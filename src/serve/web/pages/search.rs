//! Search over modules, symbols, crates and files, in this order.

use askama::Template;
use http::Response;

use crate::actions::access::viewer;
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{FileMatch, Module, ModuleFilter, Order, SymbolMatch};

use super::home::{ModuleRow, row};
use crate::serve::web::page::emphasis::emphasis;
use crate::serve::web::page::link::{file_path, segment};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};

/// The most results of each kind that are shown.
const SHOWN: u64 = 20;

/// The most modules of which the best are shown.
const RANKED: u64 = 200;
const SYMBOLS: usize = 60;

struct SymbolRow {
    kind: &'static str,
    /// HTML.
    name: String,
    module: String,
    href: String,
}

struct CrateRow {
    /// HTML.
    name: String,
    version: String,
    href: String,
}

struct FileRow {
    /// HTML.
    path: String,
    module: String,
    href: String,
}

#[derive(Template)]
#[template(path = "search.html", config = "assets/askama.toml")]
struct SearchView {
    chrome: Chrome,
    query: String,
    modules: Vec<ModuleRow>,
    crates: Vec<CrateRow>,
    more_crates: u64,
    symbols: Vec<SymbolRow>,
    files: Vec<FileRow>,
}

/// `/search?q=…`.
pub(in crate::serve::web) fn search(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let query = visit.query.get("q").trim();
    let title = if query.is_empty() { "Search".into() } else { format!("{query} · Search") };
    let mut view = SearchView {
        chrome: visit.chrome(title),
        query: query.to_owned(),
        modules: vec![],
        crates: vec![],
        more_crates: 0,
        symbols: vec![],
        files: vec![],
    };
    if query.is_empty() {
        return ok(&view);
    }
    let (store, viewer) = (visit.store(), viewer(&visit.caller));
    view.modules = modules(visit, query)?;
    let found = store.search_crates(query, viewer, SHOWN)?;
    view.more_crates = found.total.saturating_sub(found.crates.len() as u64);
    let crates = found.crates.into_iter().map(|(name, version)| CrateRow {
        href: format!("/{}/sdks/{}:{}", name.module(), version.commit, name.plugin()),
        name: emphasis(&name.to_string(), query),
        version: version.to_string(),
    });
    view.crates = crates.collect();
    let symbols = store.search_symbols(query, viewer, SYMBOLS)?;
    view.symbols = symbols.iter().map(|found| symbol(found, query)).collect();
    view.files = store.search_files(query, viewer, SHOWN)?.iter().map(|found| file(found, query)).collect();
    ok(&view)
}

/// The modules that match, best first: by their own name, by the beginning of it, by a part, by their description.
fn modules(visit: &PageRequest<'_>, query: &str) -> Answer<Vec<ModuleRow>> {
    let filter =
        ModuleFilter { visible_to: viewer(&visit.caller), query: Some(query.to_owned()), ..ModuleFilter::default() };
    let mut found = visit.store().list_modules(&filter, Order::Name, 0, RANKED)?.items;
    let word = query.to_ascii_lowercase();
    found.sort_by_key(|module| {
        let (full, name) = (module.name.to_string(), module.name.name().to_string());
        match () {
            () if name == word || full == word => 0,
            () if name.starts_with(&word) || full.starts_with(&word) => 1,
            () if full.contains(&word) => 2,
            () => 3,
        }
    });
    let shown = found.into_iter().take(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    let row = |module: Module| {
        let name = emphasis(&module.name.to_string(), query);
        Ok(ModuleRow { name_as_html: name, ..row(visit, module)? })
    };
    shown.map(row).collect()
}

fn symbol(found: &SymbolMatch, query: &str) -> SymbolRow {
    SymbolRow {
        kind: found.symbol.kind.as_str(),
        name: emphasis(&found.symbol.name, query),
        module: found.module.to_string(),
        href: super::module::docs::symbol_path(found),
    }
}

fn file(found: &FileMatch, query: &str) -> FileRow {
    let label = segment(found.label.as_str());
    FileRow {
        path: emphasis(&found.path, query),
        module: found.module.to_string(),
        href: format!("/{}/files/{label}/{}", found.module, file_path(&found.path)),
    }
}
