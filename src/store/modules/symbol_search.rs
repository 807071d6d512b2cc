//! Search over the symbols that modules declare.
//!
//! There are two indexes: one by the last part of a name, for exact and half-typed names, and one by the words of
//! names, for all other queries. Each returns a bounded number of rows, so the time of a search does not grow with the
//! registry.

use std::collections::HashMap;
use std::fmt::Write as _;

use rusqlite::{Connection, Row, named_params, params};

use super::visibility::{VISIBLE, Viewer, read_name, viewer_columns};
use crate::model::{LabelName, ModuleId, ModuleName, Sha256Digest};
use crate::store::db::connections::Store;
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::sql_values::{Count, keyword_column};

/// The kind of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymbolKind {
    /// A package.
    Package,
    /// A service.
    Service,
    /// A method of a service.
    Method,
    /// A message.
    Message,
    /// An enum.
    Enum,
}

keyword_column!(SymbolKind {
    Package = "package", Service = "service", Method = "method", Message = "message", Enum = "enum"
});

impl SymbolKind {
    /// The keyword of such a declaration, but for methods, whose keyword is `rpc`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Service => "service",
            Self::Method => "method",
            Self::Message => "message",
            Self::Enum => "enum",
        }
    }
}

/// A symbol: a declaration of a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Symbol {
    /// Its kind.
    pub kind: SymbolKind,
    /// The package that it belongs to; may be empty.
    pub package: String,
    /// Its full name, `acme.pets.v1.Pet`.
    pub name: String,
}

/// All symbols of a module, for the search index.
#[derive(Debug, Clone)]
pub struct IndexedModule {
    /// The module; its other symbols are removed from the index.
    pub module: ModuleId,
    /// Its symbols.
    pub symbols: Vec<Symbol>,
}

/// A symbol that matches a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolMatch {
    /// The module that declares it.
    pub module: ModuleName,
    /// The module's default label, whose commit declares it.
    pub label: LabelName,
    /// The symbol.
    pub symbol: Symbol,
}

/// The most rows of one index that are ranked.
const CANDIDATES: u64 = 300;

/// The most words of a query that are searched for.
const MAX_WORDS: usize = 8;

/// The columns and tables of a match, for both searches.
const COLUMNS: &str = "symbols.kind, symbols.package, symbols.name AS symbol, modules.name, modules.default_label,
    owners.name AS owner_name FROM symbols JOIN modules ON modules.id = module_id JOIN owners ON owners.id = owner_id";

fn read_match(row: &Row<'_>) -> rusqlite::Result<SymbolMatch> {
    Ok(SymbolMatch {
        module: read_name(row)?,
        label: row.get("default_label")?,
        symbol: Symbol { kind: row.get("kind")?, package: row.get("package")?, name: row.get("symbol")? },
    })
}

/// Updates the index of a module, inside a transaction. Writes only the differences: most pushes change few symbols,
/// and writing the index takes the most time.
pub(in crate::store) fn index_module(conn: &Connection, indexed: &IndexedModule) -> Work<()> {
    let digest = digest(&indexed.symbols);
    let known = one(conn, "SELECT digest FROM indexed WHERE module_id = ?1", [indexed.module], |row| row.get(0))?;
    if known == Some(digest) {
        return Ok(());
    }
    let sql = "SELECT id, kind, package, name FROM symbols WHERE module_id = ?1";
    let known: Vec<(Symbol, i64)> = all(conn, sql, [indexed.module], read_known)?;
    let mut gone: HashMap<Symbol, i64> = known.into_iter().collect();
    for symbol in &indexed.symbols {
        if gone.remove(symbol).is_none() {
            insert(conn, indexed.module, symbol)?;
        }
    }
    for id in gone.into_values() {
        run(conn, "DELETE FROM symbols WHERE id = ?1", [id])?;
    }
    run(conn, "INSERT OR REPLACE INTO indexed VALUES (?1, ?2)", params![indexed.module, digest])?;
    Ok(())
}

/// The digest of a list of symbols, which depends on their order.
fn digest(symbols: &[Symbol]) -> Sha256Digest {
    let mut text = String::new();
    for Symbol { kind, package, name } in symbols {
        // No name contains a space. Writing to a string cannot fail.
        let _ = writeln!(text, "{kind:?} {package} {name}");
    }
    Sha256Digest::of(text.as_bytes())
}

fn read_known(row: &Row<'_>) -> rusqlite::Result<(Symbol, i64)> {
    Ok((Symbol { kind: row.get("kind")?, package: row.get("package")?, name: row.get("name")? }, row.get("id")?))
}

/// The column by which names are found: the last part in lower case.
pub(super) fn folded(name: &str) -> String {
    last_part(name).to_lowercase()
}

fn insert(conn: &Connection, module: ModuleId, symbol: &Symbol) -> Work<()> {
    let folded = folded(&symbol.name);
    let sql = "INSERT INTO symbols (module_id, kind, package, name, folded) VALUES (?1, ?2, ?3, ?4, ?5)";
    run(conn, sql, params![module, symbol.kind, symbol.package, symbol.name, folded])?;
    let words = words(&symbol.name).join(" ");
    let id = conn.last_insert_rowid();
    run(conn, "INSERT INTO symbol_words (rowid, words) VALUES (?1, ?2)", params![id, words])?;
    Ok(())
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
            let sql = format!(
                "SELECT {COLUMNS} WHERE symbols.id IN
                     (SELECT rowid FROM symbol_words WHERE symbol_words MATCH :words LIMIT :limit) AND {VISIBLE}"
            );
            let values = named_params! {
                ":words": match_expression(&wanted), ":everything": everything, ":viewer": viewer,
                ":limit": Count(CANDIDATES),
            };
            found.extend(all(conn, &sql, values, read_match)?);
            Ok(found)
        })?;
        // The first index has only the last part of a name, so the other words of the query are checked here.
        found.retain(|found| holds_all(&found.symbol.name, &wanted));
        found.sort_by_cached_key(|found| rank(found, &folded));
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }
}

/// Whether each wanted word begins a word of the name.
fn holds_all(name: &str, wanted: &[String]) -> bool {
    let words = words(name);
    wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted)))
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
        SymbolKind::Enum | SymbolKind::Package => 1,
        SymbolKind::Method => 2,
    };
    (exact, kind, last.len(), found.symbol.name.clone(), found.module.to_string())
}

fn last_part(name: &str) -> &str {
    name.rsplit(['.', '/', ' ']).next().unwrap_or(name)
}

/// The most characters of a word in the index: the name of a package may have a thousand, and is part of the name of
/// every symbol.
const LONGEST_WORD: usize = 64;

/// The words of a name in lower case, truncated to [`LONGEST_WORD`]: its parts, and the words inside a part in mixed
/// case. So `acme.v1.PetStore` is found by `acme`, `petstore`, `pet` and `store`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let end = part.char_indices().nth(LONGEST_WORD).map_or(part.len(), |(end, _)| end);
        let part = part.get(..end).unwrap_or(part);
        words.push(part.to_lowercase());
        let humps = humps(part);
        if humps.len() > 1 {
            words.extend(humps);
        }
    }
    words.truncate(64);
    words
}

/// The words of a name in mixed case: two for `PetStore` and for `HTTPRule`.
fn humps(part: &str) -> Vec<String> {
    let mut humps: Vec<String> = vec![];
    let mut before = None;
    let mut rest = part.chars().peekable();
    while let Some(c) = rest.next() {
        let after_lower = before.is_some_and(|before: char| !before.is_uppercase());
        let before_lower = rest.peek().is_some_and(|next| next.is_lowercase());
        match humps.last_mut() {
            Some(hump) if !(c.is_uppercase() && (after_lower || before_lower)) => hump.extend(c.to_lowercase()),
            _ => humps.push(c.to_lowercase().collect()),
        }
        before = Some(c);
    }
    humps
}

/// The full-text query that matches names in which every word begins a word of the name. Only letters and digits pass,
/// in quotes, so users cannot write operators.
fn match_expression(words: &[String]) -> String {
    let quoted: Vec<_> = words.iter().take(MAX_WORDS).map(|word| format!("\"{word}\"*")).collect();
    quoted.join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::modules::module::Module;
    use crate::store::modules::visibility::Visibility;
    use crate::store::modules::write_set::WriteSet;
    use crate::store::testing::{Scratch, at, module, module_id, owner_id};

    fn index(store: &Scratch, module: u8, names: &[&str]) {
        let symbol = |name: &&str| Symbol { kind: SymbolKind::Message, package: "acme".into(), name: (*name).into() };
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
    fn long_words_are_found_by_their_beginning() {
        let name = format!("{}.Order", "é".repeat(200));
        assert_eq!(words(&name), ["é".repeat(64), "order".into()]);
        assert!(holds_all(&name, &words(&"é".repeat(100))));
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
