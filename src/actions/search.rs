//! Search over modules, declarations, crates and files, within what the caller may read.

use super::actor::Actor;
use super::error::ActionError;
use super::field_rules::free_text;
use crate::actions::access::viewer;
use crate::store::{CrateMatches, FileMatch, Module, ModuleFilter, Order, SymbolKind, SymbolMatch};

/// The most characters of a query.
const LONGEST_QUERY: usize = 200;

/// The most modules of which the best are found.
const RANKED: u64 = 200;

/// What a search found. Names are ranked before comments: modules, types, members.
#[derive(Default)]
pub(crate) struct SearchResults {
    /// Modules, best matches first.
    pub(crate) modules: Vec<Module>,
    /// Packages, messages, enums, services and extensions, best matches first.
    pub(crate) types: Vec<SymbolMatch>,
    /// Methods, fields and values, best matches first.
    pub(crate) members: Vec<SymbolMatch>,
    /// Declarations whose comments hold every word.
    pub(crate) comments: Vec<SymbolMatch>,
    /// Crates by name.
    pub(crate) crates: CrateMatches,
    /// Files by their path.
    pub(crate) files: Vec<FileMatch>,
}

impl SearchResults {
    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.modules.is_empty()
            && self.types.is_empty()
            && self.members.is_empty()
            && self.comments.is_empty()
            && self.crates.crates.is_empty()
            && self.files.is_empty()
    }
}

/// What the actor may read and is like `query`: at most `most` of each kind. Nothing for an empty query.
///
/// # Errors
/// When the query is too long, or no text.
pub(crate) fn search(actor: &Actor<'_>, query: &str, most: u32) -> Result<SearchResults, ActionError> {
    let query = query.trim();
    free_text("the query", query, LONGEST_QUERY)?;
    let (store, viewer, limit) = (actor.store, viewer(actor.caller), usize::try_from(most).unwrap_or(usize::MAX));
    if query.is_empty() {
        return Ok(SearchResults::default());
    }
    let details = store.search_details(query, viewer, limit)?;
    let symbols = store.search_symbols(query, viewer, limit.saturating_mul(2))?;
    let (mut members, mut types): (Vec<_>, Vec<_>) =
        symbols.into_iter().partition(|found| found.symbol.kind == SymbolKind::Method);
    members.extend(details.members);
    members.truncate(limit);
    types.truncate(limit);
    Ok(SearchResults {
        modules: modules(actor, query, limit)?,
        types,
        members,
        comments: details.comments,
        crates: store.search_crates(query, viewer, most.into())?,
        files: store.search_files(query, viewer, most.into())?,
    })
}

/// The modules that match, best first: by their own name, by the beginning of it, by a part, by their description.
fn modules(actor: &Actor<'_>, query: &str, limit: usize) -> Result<Vec<Module>, ActionError> {
    let filter =
        ModuleFilter { visible_to: viewer(actor.caller), query: Some(query.to_owned()), ..ModuleFilter::default() };
    let mut found = actor.store.list_modules(&filter, Order::Name, 0, RANKED)?.items;
    let word = query.to_ascii_lowercase();
    found.sort_by_cached_key(|module| {
        let (full, name) = (module.name.to_string(), module.name.name().to_string());
        match () {
            () if name == word || full == word => 0,
            () if name.starts_with(&word) || full.starts_with(&word) => 1,
            () if full.contains(&word) => 2,
            () => 3,
        }
    });
    found.truncate(limit);
    Ok(found)
}
