//! In which release each declaration of a module's default label came. Kept with the head: what came with the first
//! release that was looked at has no row.

use std::collections::HashMap;

use crate::model::{CommitId, DeclarationId, ModuleId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{all, count, one, run};
use crate::store::db::statements::sql_values::keyword_column;
use crate::store::db::transaction::Transaction;

/// The most rows of a module. A module with more begins anew: its older declarations are told to be older than that.
const MOST: u64 = 50_000;

/// What began with a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclarationFact {
    /// The declaration is there.
    Declared,
    /// It is deprecated.
    Deprecated,
}

keyword_column!(DeclarationFact { Declared = "declared", Deprecated = "deprecated" });

/// What a release changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryChange {
    /// What is so from now on.
    pub begins: Vec<(DeclarationId, DeclarationFact)>,
    /// What is so no more.
    pub ends: Vec<(DeclarationId, DeclarationFact)>,
}

/// What came before a release, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryStep {
    /// It is the first release of its module.
    First,
    /// It follows this commit.
    After(CommitId, HistoryChange),
    /// It follows a commit that cannot be compared.
    Unknown,
}

/// The history of a module's default label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// The commit whose declarations it is of.
    pub head: CommitId,
    /// The release that came with all declarations without a row.
    pub first: CommitId,
    /// Whether there was none before it; else these declarations may be older.
    pub complete: bool,
}

/// The release with which each fact began that did not begin with the first.
pub type Beginnings = HashMap<(DeclarationId, DeclarationFact), CommitId>;

fn read_history(row: &Row<'_>) -> SqlResult<History> {
    Ok(History { head: row.get("head")?, first: row.get("first")?, complete: row.get("complete")? })
}

fn read_beginning(row: &Row<'_>) -> SqlResult<((DeclarationId, DeclarationFact), CommitId)> {
    Ok(((row.get("declaration")?, row.get("fact")?), row.get("since")?))
}

impl Store {
    /// The history of a module, if there is one.
    pub fn history(&self, module: ModuleId) -> Result<Option<History>> {
        self.read("look up the history of a module", |conn| history(conn, module))
    }

    /// What began with later releases than the first of the history.
    pub fn beginnings(&self, module: ModuleId) -> Result<Beginnings> {
        self.read("look up the history of a module", |conn| {
            let rows = all(conn, "SELECT * FROM declarations WHERE module_id = ?1", [module], read_beginning)?;
            Ok(rows.into_iter().collect())
        })
    }
}

impl Transaction<'_> {
    /// Carries the history of a module forward to `head`, to which its default label moves.
    ///
    /// # Errors
    /// [`Missing`](crate::store::StoreError::Missing) if there is no such module.
    pub fn put_history(&self, module: ModuleId, head: CommitId, step: &HistoryStep) -> Result<()> {
        self.run(|conn| {
            let known = history(conn, module)?;
            match step {
                HistoryStep::First if known.is_none() => {
                    begin(conn, module, History { head, first: head, complete: true })
                }
                HistoryStep::First | HistoryStep::Unknown => begin_anew(conn, module, head),
                HistoryStep::After(before, change) => {
                    if known.is_none_or(|known| known.head != *before) {
                        begin(conn, module, History { head, first: *before, complete: false })?;
                    }
                    carry_forward(conn, module, head, change)
                }
            }
        })
    }
}

fn history(conn: &Connection, module: ModuleId) -> Work<Option<History>> {
    one(conn, "SELECT * FROM histories WHERE module_id = ?1", [module], read_history)
}

/// A history without rows.
fn begin(conn: &Connection, module: ModuleId, history: History) -> Work<()> {
    let History { head, first, complete } = history;
    run(conn, "DELETE FROM declarations WHERE module_id = ?1", [module])?;
    let sql = "INSERT INTO histories VALUES (?1, ?2, ?3, ?4) ON CONFLICT (module_id) DO UPDATE SET
               head = excluded.head, first = excluded.first, complete = excluded.complete";
    run(conn, sql, params![module, head, first, complete])?;
    Ok(())
}

/// Nothing is known of what was before `head`.
fn begin_anew(conn: &Connection, module: ModuleId, head: CommitId) -> Work<()> {
    begin(conn, module, History { head, first: head, complete: false })
}

fn carry_forward(conn: &Connection, module: ModuleId, head: CommitId, change: &HistoryChange) -> Work<()> {
    if change.begins.len() as u64 > MOST {
        return begin_anew(conn, module, head);
    }
    for (declaration, fact) in &change.ends {
        let sql = "DELETE FROM declarations WHERE module_id = ?1 AND declaration = ?2 AND fact = ?3";
        run(conn, sql, params![module, declaration, fact])?;
    }
    for (declaration, fact) in &change.begins {
        let sql = "INSERT INTO declarations VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (module_id, declaration, fact) DO UPDATE SET since = excluded.since";
        run(conn, sql, params![module, declaration, fact, head])?;
    }
    let is_long = !change.begins.is_empty()
        && count(conn, "SELECT count(*) FROM declarations WHERE module_id = ?1", [module])? > MOST;
    if is_long {
        return begin_anew(conn, module, head);
    }
    run(conn, "UPDATE histories SET head = ?2 WHERE module_id = ?1", params![module, head])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, commit_id, module_id};

    fn id(name: &str) -> DeclarationId {
        DeclarationId::named(name)
    }

    fn after(before: u8, begins: &[&str], ends: &[&str]) -> HistoryStep {
        let facts = |names: &[&str]| names.iter().map(|name| (id(name), DeclarationFact::Declared)).collect();
        HistoryStep::After(commit_id(before), HistoryChange { begins: facts(begins), ends: facts(ends) })
    }

    fn put(store: &Scratch, head: u8, step: &HistoryStep) -> (History, Vec<CommitId>) {
        store.transaction("test", |tx| tx.put_history(module_id(1), commit_id(head), step)).unwrap();
        let mut commits: Vec<_> = store.beginnings(module_id(1)).unwrap().into_values().collect();
        commits.sort();
        (store.history(module_id(1)).unwrap().unwrap(), commits)
    }

    fn at(head: u8, first: u8, complete: bool) -> History {
        History { head: commit_id(head), first: commit_id(first), complete }
    }

    #[test]
    fn a_history_is_carried_forward_from_release_to_release() {
        let store = Scratch::with_modules();
        assert_eq!(store.history(module_id(1)).unwrap(), None);
        assert_eq!(put(&store, 1, &HistoryStep::First), (at(1, 1, true), vec![]));
        assert_eq!(put(&store, 2, &after(1, &["a", "b"], &[])), (at(2, 1, true), vec![commit_id(2); 2]));
        let found = put(&store, 3, &after(2, &["c"], &["a", "old"]));
        assert_eq!(found, (at(3, 1, true), vec![commit_id(2), commit_id(3)]));
        assert_eq!(store.beginnings(module_id(2)).unwrap().len(), 0);
        store.delete_modules(&[module_id(1)]).unwrap();
        assert_eq!((store.history(module_id(1)).unwrap(), store.beginnings(module_id(1)).unwrap().len()), (None, 0));
    }

    #[test]
    fn what_cannot_be_carried_forward_begins_anew_and_says_so() {
        let store = Scratch::with_modules();
        // An older program kept no history, and knew this head.
        assert_eq!(put(&store, 2, &after(1, &["a"], &[])), (at(2, 1, false), vec![commit_id(2)]));
        // The label moved without its history.
        assert_eq!(put(&store, 4, &after(3, &["b"], &[])), (at(4, 3, false), vec![commit_id(4)]));
        assert_eq!(put(&store, 5, &HistoryStep::Unknown), (at(5, 5, false), vec![]));
        assert_eq!(put(&store, 6, &HistoryStep::First), (at(6, 6, false), vec![]));
        let names: Vec<_> = (0..=MOST).map(|number| number.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let (half, rest) = names.split_at(names.len() / 2);
        assert_eq!(put(&store, 7, &after(6, half, &[])).1.len(), half.len());
        assert_eq!(put(&store, 8, &after(7, rest, &[])), (at(8, 8, false), vec![]));
        assert_eq!(put(&store, 9, &after(8, &names, &[])), (at(9, 9, false), vec![]));
    }
}
