//! The search index: the symbols that a module declares, and what they hold.
//!
//! A symbol has a row and is found by its name. What it holds (fields, values) and its comments are its details: lines
//! of text that belong to the symbol, since rows of their own would make the index of a large module many times larger.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::search_words::{ascii, last_part, words};
use crate::model::{ModuleId, Sha256Digest};
use crate::store::db::engine::{Connection, Row, SqlResult, WordIndex, params};
use crate::store::db::error::Work;
use crate::store::db::statements::query::{self, all, one, run};
use crate::store::db::statements::sql_values::keyword_column;

/// The kind of a declaration.
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
    /// An extension.
    Extension,
    /// A field of a message.
    Field,
    /// A value of an enum.
    Value,
}

keyword_column!(SymbolKind {
    Package = "package", Service = "service", Method = "method", Message = "message", Enum = "enum",
    Extension = "extension", Field = "field", Value = "value"
});

impl SymbolKind {
    const ALL: [Self; 8] = [
        Self::Package,
        Self::Service,
        Self::Method,
        Self::Message,
        Self::Enum,
        Self::Extension,
        Self::Field,
        Self::Value,
    ];

    /// The word for such a declaration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Service => "service",
            Self::Method => "method",
            Self::Message => "message",
            Self::Enum => "enum",
            Self::Extension => "extension",
            Self::Field => "field",
            Self::Value => "value",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A declaration of a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Symbol {
    /// Its kind.
    pub kind: SymbolKind,
    /// The package that it belongs to; may be empty.
    pub package: String,
    /// Its full name, `acme.pets.v1.Pet`.
    pub name: String,
}

/// A symbol with what is found through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedSymbol {
    /// The symbol: none of those that are parts of others.
    pub symbol: Symbol,
    /// Its comment, and what it holds, with comments.
    pub details: Vec<SymbolDetail>,
}

/// A part of a symbol, or the symbol itself, if that has a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolDetail {
    /// Its kind.
    pub kind: SymbolKind,
    /// Its own name; empty for the symbol itself.
    pub name: String,
    /// The beginning of its comment, without line breaks; may be empty.
    pub comment: String,
}

/// All symbols of a module, for the search index.
#[derive(Debug, Clone)]
pub struct IndexedModule {
    /// The module; its other symbols are removed from the index.
    pub module: ModuleId,
    /// Its symbols.
    pub symbols: Vec<IndexedSymbol>,
}

/// The most bytes of a row of details, unless one detail is larger: a search reads whole rows.
const ROW: usize = 4096;

/// Updates the index of a module, inside a transaction. Writes only the differences: most pushes change few symbols,
/// and writing the index takes the most time.
pub(in crate::store) fn index_module(conn: &Connection, indexed: &IndexedModule) -> Work<()> {
    let wanted: Vec<_> = indexed.symbols.iter().map(|it| (it, details_digest(&it.details))).collect();
    let digest = digest(&wanted);
    let known = one(conn, "SELECT digest FROM indexed WHERE module_id = ?1", [indexed.module], |row| row.get(0))?;
    if known == Some(digest) {
        return Ok(());
    }
    let sql = "SELECT id, kind, package, name, details FROM symbols WHERE module_id = ?1";
    let known = all(conn, sql, [indexed.module], read_known)?;
    let mut gone: HashMap<Symbol, (i64, Option<Sha256Digest>)> = known.into_iter().collect();
    for (indexed_symbol, details) in &wanted {
        let IndexedSymbol { symbol, details: lines } = indexed_symbol;
        match gone.remove(symbol) {
            Some((_, known)) if known == *details => {}
            Some((id, _)) => {
                run(conn, "DELETE FROM symbol_details WHERE symbol_id = ?1", [id])?;
                run(conn, "UPDATE symbols SET details = ?2 WHERE id = ?1", params![id, details])?;
                insert_details(conn, id, symbol, lines)?;
            }
            None => {
                let id = insert(conn, indexed.module, symbol, details.as_ref())?;
                insert_details(conn, id, symbol, lines)?;
            }
        }
    }
    for (id, _) in gone.into_values() {
        run(conn, "DELETE FROM symbols WHERE id = ?1", [id])?;
    }
    let sql = "INSERT INTO indexed VALUES (?1, ?2) ON CONFLICT (module_id) DO UPDATE SET digest = excluded.digest";
    run(conn, sql, params![indexed.module, digest])?;
    Ok(())
}

/// The digest of a list of symbols, which depends on their order.
fn digest(symbols: &[(&IndexedSymbol, Option<Sha256Digest>)]) -> Sha256Digest {
    let mut text = String::new();
    for (IndexedSymbol { symbol: Symbol { kind, package, name }, .. }, details) in symbols {
        // No name contains a space. Writing to a string cannot fail.
        let _ = write!(text, "{kind:?} {package} {name}");
        let _ = match details {
            Some(details) => writeln!(text, " {details}"),
            None => writeln!(text),
        };
    }
    Sha256Digest::of(text.as_bytes())
}

fn details_digest(details: &[SymbolDetail]) -> Option<Sha256Digest> {
    let lines: String = details.iter().map(line).collect();
    (!lines.is_empty()).then(|| Sha256Digest::of(lines.as_bytes()))
}

fn read_known(row: &Row<'_>) -> SqlResult<(Symbol, (i64, Option<Sha256Digest>))> {
    let symbol = Symbol { kind: row.get("kind")?, package: row.get("package")?, name: row.get("name")? };
    Ok((symbol, (row.get("id")?, row.get("details")?)))
}

fn insert(conn: &Connection, module: ModuleId, symbol: &Symbol, details: Option<&Sha256Digest>) -> Work<i64> {
    let folded = folded(&symbol.name);
    let sql = "INSERT INTO symbols (module_id, kind, package, name, folded, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let id = query::insert(conn, sql, params![module, symbol.kind, symbol.package, symbol.name, folded, details])?;
    let words = words(&symbol.name).join(" ");
    conn.index_words(WordIndex::Symbols, id, &words)?;
    Ok(id)
}

/// The column by which names are found: the last part in lower case.
pub(super) fn folded(name: &str) -> String {
    last_part(name).to_lowercase()
}

fn insert_details(conn: &Connection, id: i64, symbol: &Symbol, details: &[SymbolDetail]) -> Work<()> {
    let (mut lines, mut found) = (String::new(), vec![]);
    for (at, detail) in details.iter().enumerate() {
        lines.push_str(&line(detail));
        found.extend(words(&detail.name));
        found.extend(words(&detail.comment));
        if lines.len() >= ROW || at + 1 == details.len() {
            found.extend(words(&symbol.name));
            found.sort_unstable();
            found.dedup();
            let sql = "INSERT INTO symbol_details (symbol_id, lines) VALUES (?1, ?2)";
            let row = query::insert(conn, sql, params![id, lines])?;
            let words: Vec<_> = found.iter().map(|word| ascii(word)).collect();
            conn.index_words(WordIndex::Details, row, &words.join(" "))?;
            lines.clear();
            found.clear();
        }
    }
    Ok(())
}

fn line(SymbolDetail { kind, name, comment }: &SymbolDetail) -> String {
    format!("{}\t{name}\t{comment}\n", kind.as_str())
}

/// The details of a row. Lines that nobody wrote so are left out.
pub(super) fn read_lines(lines: &str) -> Vec<SymbolDetail> {
    let read = |line: &str| {
        let (kind, rest) = line.split_once('\t')?;
        let (name, comment) = rest.split_once('\t')?;
        Some(SymbolDetail { kind: SymbolKind::of(kind)?, name: name.to_owned(), comment: comment.to_owned() })
    };
    lines.lines().filter_map(read).collect()
}
