//! Search over modules, crates and symbols.

use askama::Template;
use http::Response;

use crate::actions::access::viewer;
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{ModuleFilter, Order, SymbolMatch};

use super::home::{ModuleRow, row};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};

/// The most results of each kind that are shown.
const SHOWN: u64 = 20;
const SYMBOLS: usize = 60;

struct SymbolRow {
    kind: &'static str,
    name: String,
    module: String,
    href: String,
}

struct CrateRow {
    name: String,
    version: String,
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
}

/// `/search?q=…`.
pub(in crate::serve::web) fn search(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let query = visit.query.get("q");
    let title = if query.is_empty() { "Search".into() } else { format!("Search: {query}") };
    let (chrome, query) = (visit.chrome(title), query.to_owned());
    if query.is_empty() {
        return ok(&SearchView { chrome, query, modules: vec![], crates: vec![], more_crates: 0, symbols: vec![] });
    }
    let (store, viewer) = (visit.store(), viewer(&visit.caller));
    let filter = ModuleFilter { visible_to: viewer, query: Some(query.clone()), ..ModuleFilter::default() };
    let modules = store.list_modules(&filter, Order::Name, 0, SHOWN)?.items;
    let modules = modules.into_iter().map(|module| row(visit, module)).collect::<Answer<_>>()?;
    let found = store.search_crates(&query, viewer, SHOWN)?;
    let more_crates = found.total.saturating_sub(found.crates.len() as u64);
    let crates = found.crates.into_iter().map(|(name, version)| CrateRow {
        href: format!("/{}/sdks/{}:{}", name.module(), version.commit, name.plugin()),
        name: name.to_string(),
        version: version.to_string(),
    });
    let symbols = store.search_symbols(&query, viewer, SYMBOLS)?.into_iter().map(symbol).collect();
    ok(&SearchView { chrome, query, modules, crates: crates.collect(), more_crates, symbols })
}

fn symbol(found: SymbolMatch) -> SymbolRow {
    let kind = found.symbol.kind.as_str();
    let href = super::module::docs::symbol_path(&found);
    SymbolRow { kind, name: found.symbol.name, module: found.module.to_string(), href }
}
