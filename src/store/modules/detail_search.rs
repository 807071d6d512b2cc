//! Search over what declarations hold (fields, values) and over comments.

use super::search_index::{Symbol, SymbolDetail, SymbolKind, read_lines};
use super::search_words::{ascii, begins_one, hold_all, last_part, searched, words};
use super::symbol_search::{CANDIDATES, COLUMNS, SymbolMatch, read_match};
use super::visibility::{VISIBLE, Viewer, viewer_columns};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, WordIndex, named_params};
use crate::store::db::error::Result;
use crate::store::db::statements::query::all;
use crate::store::db::statements::sql_values::Count;

/// The parts of declarations, and the comments, that match a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailMatches {
    /// Fields and values whose names match, best matches first.
    pub members: Vec<SymbolMatch>,
    /// Declarations with a comment that holds every word, by name.
    pub comments: Vec<SymbolMatch>,
}

impl Store {
    /// The fields and values with a name like `query`, and the declarations whose comments hold its words: no more than
    /// `limit` of each.
    pub fn search_details(&self, query: &str, visible_to: Option<Viewer>, limit: usize) -> Result<DetailMatches> {
        let wanted = words(query);
        if wanted.is_empty() {
            return Ok(DetailMatches::default());
        }
        let (everything, viewer) = viewer_columns(visible_to);
        let rows = self.read("search details", |conn| {
            let by_words = conn.find_by_words(WordIndex::Details);
            let sql = format!(
                "SELECT lines, {COLUMNS} JOIN symbol_details ON symbol_details.symbol_id = symbols.id
                 WHERE symbol_details.id IN ({by_words}) AND {VISIBLE}"
            );
            let plain: Vec<_> = wanted.iter().map(|word| ascii(word).into_owned()).collect();
            let values = named_params! {
                ":words": conn.word_query(searched(&plain)), ":everything": everything, ":viewer": viewer,
                ":limit": Count(CANDIDATES),
            };
            let read = |row: &Row<'_>| Ok((read_match(row)?, row.get::<_, String>("lines")?));
            all(conn, &sql, values, read)
        })?;
        let mut found = DetailMatches::default();
        for (holder, lines) in rows {
            add_matches(&holder, &lines, &wanted, &mut found);
        }
        let asked = last_part(query.trim()).to_lowercase();
        found.members.sort_by_cached_key(|member| rank(member, &asked));
        found.comments.sort_by_cached_key(|found| (found.symbol.name.clone(), found.module.to_string()));
        found.members.truncate(limit);
        found.comments.truncate(limit);
        Ok(found)
    }
}

fn add_matches(holder: &SymbolMatch, lines: &str, wanted: &[String], found: &mut DetailMatches) {
    let around = words(&holder.symbol.name);
    for detail in read_lines(lines) {
        if is_member(&detail) && name_matches(&detail.name, &around, wanted) {
            found.members.push(part(holder, detail));
        } else if hold_all(&words(&detail.comment), wanted) {
            found.comments.push(part(holder, detail));
        }
    }
}

/// Whether the detail is found by its name here. Other kinds are symbols of their own.
fn is_member(detail: &SymbolDetail) -> bool {
    matches!(detail.kind, SymbolKind::Field | SymbolKind::Value)
}

/// Whether every word begins one of the name or of those around it, and one of them one of the name.
fn name_matches(name: &str, around: &[String], wanted: &[String]) -> bool {
    let own = words(name);
    wanted.iter().all(|word| begins_one(&own, word) || begins_one(around, word))
        && wanted.iter().any(|word| begins_one(&own, word))
}

fn part(holder: &SymbolMatch, detail: SymbolDetail) -> SymbolMatch {
    let name = match detail.name.as_str() {
        "" => holder.symbol.name.clone(),
        name => format!("{}.{name}", holder.symbol.name),
    };
    let symbol = Symbol { kind: detail.kind, package: holder.symbol.package.clone(), name };
    SymbolMatch { symbol, comment: detail.comment, ..holder.clone() }
}

/// The sort key of a member: exact names first, short names before long ones.
fn rank(found: &SymbolMatch, asked: &str) -> (u8, usize, String, String) {
    let last = last_part(&found.symbol.name).to_lowercase();
    let exact = match () {
        () if last == asked => 0,
        () if last.starts_with(asked) => 1,
        () => 2,
    };
    (exact, last.len(), found.symbol.name.clone(), found.module.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::modules::module::Module;
    use crate::store::modules::search_index::{IndexedModule, IndexedSymbol};
    use crate::store::modules::visibility::Visibility;
    use crate::store::modules::write_set::WriteSet;
    use crate::store::testing::{Scratch, at, module, module_id, owner_id};

    fn detail(kind: SymbolKind, name: &str, comment: &str) -> SymbolDetail {
        SymbolDetail { kind, name: name.into(), comment: comment.into() }
    }

    fn index(store: &Scratch, details: Vec<SymbolDetail>) {
        let symbol = Symbol { kind: SymbolKind::Message, package: "acme".into(), name: "acme.Dog".into() };
        let symbols = vec![IndexedSymbol { symbol, details }];
        let indexed = vec![IndexedModule { module: module_id(1), symbols }];
        store
            .push(&WriteSet { commits: vec![], labels: vec![], jobs: vec![], indexed, at: at(9), by: owner_id(1) })
            .unwrap();
    }

    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        index(
            &store,
            vec![
                detail(SymbolKind::Message, "", "Ein Hund, der Größe hat."),
                detail(SymbolKind::Field, "display_name", "What visitors read."),
                detail(SymbolKind::Field, "name", ""),
            ],
        );
        store
    }

    fn names(found: &[SymbolMatch]) -> Vec<&str> {
        found.iter().map(|found| found.symbol.name.as_str()).collect()
    }

    #[test]
    fn members_are_found_by_their_names_and_those_around_them() {
        let store = store();
        let members = |query: &str| {
            let found = store.search_details(query, Some(Viewer::Anonymous), 10).unwrap();
            names(&found.members).join(" ")
        };
        assert_eq!(members("name"), "acme.Dog.name acme.Dog.display_name");
        assert_eq!(members("acme.Dog.name"), "acme.Dog.name acme.Dog.display_name");
        assert_eq!(members("dog disp"), "acme.Dog.display_name");
        assert_eq!(members("display_name"), "acme.Dog.display_name");
        assert_eq!(members("dog"), "", "the message itself is found by its name");
    }

    #[test]
    fn comments_are_found_by_words_of_any_script() {
        let store = store();
        let found = |query: &str| store.search_details(query, None, 10).unwrap().comments;
        assert_eq!(names(&found("größe hund")), ["acme.Dog"]);
        assert_eq!(names(&found("visit")), ["acme.Dog.display_name"]);
        assert_eq!(found("visit")[0].comment, "What visitors read.");
        for query in ["\"", "na*", "name OR dog", "NEAR(", "a\u{301}\u{0}", "^", "-name", "²"] {
            store.search_details(query, None, 10).unwrap();
        }
    }

    #[test]
    fn details_follow_the_module_and_who_may_read_it() {
        let store = store();
        index(&store, vec![detail(SymbolKind::Field, "weight", "")]);
        let found = |query: &str, viewer| store.search_details(query, viewer, 10).unwrap().members.len();
        assert_eq!((found("name", None), found("weight", None)), (0, 1));
        store.update_modules(&[Module { visibility: Visibility::Private, ..module(1, "acme/pets", 1) }]).unwrap();
        assert_eq!((found("weight", Some(Viewer::Anonymous)), found("weight", None)), (0, 1));
        store.delete_modules(&[module_id(1)]).unwrap();
        assert_eq!(found("weight", None), 0);
    }

    #[test]
    fn a_symbol_with_many_members_is_searched_in_rows() {
        let store = Scratch::with_modules();
        let name = |at: u32| format!("value_{at}");
        index(&store, (0..2000).map(|at| detail(SymbolKind::Value, &name(at), "")).collect());
        let found = store.search_details("value_1999", None, 10).unwrap();
        assert_eq!(names(&found.members), ["acme.Dog.value_1999"]);
        assert_eq!(store.search_details("value", None, 10).unwrap().members.len(), 10);
    }
}
