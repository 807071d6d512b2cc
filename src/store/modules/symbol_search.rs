//! Search over the symbols that modules declare.
//!
//! There are two indexes of symbols: one by the last part of a name, for exact and half-typed names, and one by the words of
//! names, for all other queries. Each returns a bounded number of rows, so the time of a search does not grow with the
//! registry.

use super::search_index::{Symbol, SymbolKind};
use super::search_words::{hold_all, last_part, searched, words};
use super::visibility::{VISIBLE, Viewer, read_name, viewer_columns};
use crate::model::{LabelName, ModuleName};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, WordIndex, named_params};
use crate::store::db::error::Result;
use crate::store::db::statements::query::all;
use crate::store::db::statements::sql_values::Count;

/// A symbol that matches a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolMatch {
    /// The module that declares it.
    pub module: ModuleName,
    /// The module's default label, whose commit declares it.
    pub label: LabelName,
    /// The symbol, or the part of one.
    pub symbol: Symbol,
    /// The beginning of its comment, if it was read.
    pub comment: String,
}

/// The most rows of one index that are ranked.
pub(super) const CANDIDATES: u64 = 300;

/// The columns and tables of a match, for both searches.
pub(super) const COLUMNS: &str =
    "symbols.kind, symbols.package, symbols.name AS symbol, modules.name, modules.default_label,
    owners.name AS owner_name FROM symbols JOIN modules ON modules.id = module_id JOIN owners ON owners.id = owner_id";

pub(super) fn read_match(row: &Row<'_>) -> SqlResult<SymbolMatch> {
    Ok(SymbolMatch {
        module: read_name(row)?,
        label: row.get("default_label")?,
        symbol: Symbol { kind: row.get("kind")?, package: row.get("package")?, name: row.get("symbol")? },
        comment: String::new(),
    })
}

impl Store {
    /// The symbols with a name like `query`, best matches first.
    pub fn search_symbols(&self, query: &str, visible_to: Option<Viewer>, limit: usize) -> Result<Vec<SymbolMatch>> {
        let wanted = words(query);
        if wanted.is_empty() {
            return Ok(vec![]);
        }
        let (everything, viewer) = viewer_columns(visible_to);
        let folded = last_part(query.trim()).to_lowercase();
        let mut found = self.read("search", |conn| {
            // The range of all names that start with the query.
            let end = format!("{folded}\u{10ffff}");
            let sql = format!(
                "SELECT {COLUMNS} WHERE folded >= :start AND folded < :end AND {VISIBLE} ORDER BY folded LIMIT :limit"
            );
            let values = named_params! {
                ":start": folded, ":end": end, ":everything": everything, ":viewer": viewer,
                ":limit": Count(CANDIDATES),
            };
            let mut found = all(conn, &sql, values, read_match)?;
            let by_words = conn.find_by_words(WordIndex::Symbols);
            let sql = format!("SELECT {COLUMNS} WHERE symbols.id IN ({by_words}) AND {VISIBLE}");
            let values = named_params! {
                ":words": conn.word_query(searched(&wanted)), ":everything": everything, ":viewer": viewer,
                ":limit": Count(CANDIDATES),
            };
            found.extend(all(conn, &sql, values, read_match)?);
            Ok(found)
        })?;
        // The first index has only the last part of a name, so the other words of the query are checked here.
        found.retain(|found| hold_all(&words(&found.symbol.name), &wanted));
        found.sort_by_cached_key(|found| rank(found, &folded));
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }
}

/// The sort key of a match: exact names first, types before packages, short names before long ones.
fn rank(found: &SymbolMatch, folded: &str) -> (u8, u8, usize, String, String) {
    let last = last_part(&found.symbol.name).to_lowercase();
    let exact = match () {
        () if last == folded => 0,
        () if last.starts_with(folded) => 1,
        () => 2,
    };
    let kind = match found.symbol.kind {
        SymbolKind::Message | SymbolKind::Service => 0,
        SymbolKind::Enum | SymbolKind::Package | SymbolKind::Extension => 1,
        SymbolKind::Method | SymbolKind::Field | SymbolKind::Value => 2,
    };
    (exact, kind, last.len(), found.symbol.name.clone(), found.module.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::modules::module::Module;
    use crate::store::modules::search_index::{IndexedModule, IndexedSymbol};
    use crate::store::modules::visibility::Visibility;
    use crate::store::modules::write_set::WriteSet;
    use crate::store::testing::{Scratch, at, module, module_id, owner_id};

    fn index(store: &Scratch, module: u8, names: &[&str]) {
        let symbol = |name: &&str| {
            let symbol = Symbol { kind: SymbolKind::Message, package: "acme".into(), name: (*name).into() };
            IndexedSymbol { symbol, details: vec![] }
        };
        let symbols = names.iter().map(symbol).collect();
        let indexed = vec![IndexedModule { module: module_id(module), symbols }];
        let (at, by) = (at(9), owner_id(1));
        store.push(&WriteSet { commits: vec![], labels: vec![], jobs: vec![], indexed, at, by }).unwrap();
    }

    fn found(store: &Scratch, query: &str) -> Vec<String> {
        let found = store.search_symbols(query, Some(Viewer::Anonymous), 10).unwrap();
        found.into_iter().map(|found| found.symbol.name).collect()
    }

    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        index(&store, 1, &["acme.v1.PetStore", "acme.v1.Pet", "acme.v1.Store.Pet", "acme.v1.HTTPRule"]);
        store
    }

    #[test]
    fn names_are_found_by_any_of_their_words() {
        let store = store();
        assert_eq!(found(&store, "pet"), ["acme.v1.Pet", "acme.v1.Store.Pet", "acme.v1.PetStore"]);
        assert_eq!(found(&store, "store pet"), ["acme.v1.Store.Pet", "acme.v1.PetStore"]);
        assert_eq!(found(&store, "acme.v1.PetS"), ["acme.v1.PetStore"]);
        assert_eq!(found(&store, "httpru"), ["acme.v1.HTTPRule"]);
        assert!(found(&store, "dog").is_empty());
    }

    #[test]
    fn what_users_type_is_no_operator() {
        let store = store();
        for query in ["\"", "pet*", "pet OR dog", "NEAR(", "a:b", "'; DROP TABLE symbols", "\u{0}", "^", "-pet"] {
            store.search_symbols(query, None, 10).unwrap();
        }
        assert_eq!(found(&store, "\"pet\"").len(), 3);
    }

    #[test]
    fn the_index_follows_the_module() {
        let store = store();
        store.push_one(2, 1, &[], vec![]);
        index(&store, 1, &["acme.v2.Dog", "acme.v1.HTTPRule"]);
        assert!(found(&store, "pet").is_empty());
        assert_eq!(found(&store, "dog"), ["acme.v2.Dog"]);
        assert_eq!(found(&store, "rule"), ["acme.v1.HTTPRule"]);
        store.update_modules(&[Module { visibility: Visibility::Private, ..module(1, "acme/pets", 1) }]).unwrap();
        assert!(found(&store, "dog").is_empty());
        assert_eq!(store.search_symbols("dog", None, 10).unwrap().len(), 1);
        store.delete_modules(&[module_id(1)]).unwrap();
        assert!(store.search_symbols("dog", None, 10).unwrap().is_empty());
    }
}
