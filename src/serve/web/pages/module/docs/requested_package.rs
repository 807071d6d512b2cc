//! The requested package, and the common parts of its pages.

use std::collections::BTreeMap;

use crate::model::ModuleName;
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::PageRequest;

use super::package_index::{Contents, DeclarationKind, Symbol};
use super::types::{Page, package_path};

/// The common inputs of a package's pages.
pub(super) struct RequestedPackage<'a> {
    pub at: ModuleAtCommit,
    pub name: &'a str,
    pub contents: Contents,
    pub page: Page<'a>,
}

/// A link of an index.
pub(super) struct Entry {
    pub name: String,
    pub href: String,
    /// The first sentence of its comment.
    pub summary: String,
}

/// The header, whose selector leads to the same page at another reference.
pub(super) fn head(visit: &PageRequest<'_>, asked: &RequestedPackage<'_>) -> Answer<ModuleHeader> {
    let query = visit.target.split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
    let module = asked.page.module;
    let here = |reference: &str| package_path(&format!("/{module}/docs/{reference}"), asked.name) + &query;
    asked.at.head(visit, Tab::Docs, &here)
}

pub(super) fn title(module: &ModuleName, package: &str, symbol: &str) -> String {
    let words = [symbol, package, &module.to_string()];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The name of a package for its page.
pub(super) fn called(package: &str) -> String {
    if package.is_empty() { "(no package)".into() } else { package.into() }
}

/// Links to declarations, by kind.
pub(super) fn by_kind<'a>(
    symbols: impl Iterator<Item = &'a Symbol>,
    page: &Page<'_>,
) -> Vec<(&'static str, Vec<Entry>)> {
    let mut found: BTreeMap<DeclarationKind, Vec<Entry>> = BTreeMap::new();
    for symbol in symbols {
        let entry = Entry { name: symbol.name.clone(), href: page.own(&symbol.name), summary: symbol.summary.clone() };
        found.entry(symbol.kind).or_default().push(entry);
    }
    found.into_iter().map(|(kind, entries)| (kind.plural(), entries)).collect()
}
