//! What a release broke for users of the release before, as its push found it.

use crate::model::CommitId;
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, params};
use crate::store::db::error::Result;
use crate::store::db::statements::query::{one, run};
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;

/// The number of changes of a commit that break, by category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakingVerdict {
    /// The commit that it was compared with: the head of the default label before.
    pub against: CommitId,
    /// Of category file.
    pub file: u64,
    /// Of category package.
    pub package: u64,
    /// Of category `wire_json`.
    pub wire_json: u64,
    /// Of category wire.
    pub wire: u64,
    /// Of code that uses the crates.
    pub rust: u64,
}

fn read_verdict(row: &Row<'_>) -> SqlResult<BreakingVerdict> {
    let count = |column: &str| row.get::<_, Count>(column).map(|Count(count)| count);
    Ok(BreakingVerdict {
        against: row.get("against")?,
        file: count("file")?,
        package: count("package")?,
        wire_json: count("wire_json")?,
        wire: count("wire")?,
        rust: count("rust")?,
    })
}

impl Store {
    /// The verdicts on these commits, in the same order; absent where the push compared nothing.
    pub fn verdicts(&self, commits: &[CommitId]) -> Result<Vec<Option<BreakingVerdict>>> {
        self.read("look up what commits break", |conn| {
            let sql = "SELECT * FROM verdicts WHERE commit_id = ?1";
            commits.iter().map(|commit| one(conn, sql, [commit], read_verdict)).collect()
        })
    }
}

impl Transaction<'_> {
    /// Keeps the verdict on a commit.
    ///
    /// # Errors
    /// [`Missing`](crate::store::StoreError::Missing) if there is no such commit.
    pub fn put_verdict(&self, commit: CommitId, verdict: &BreakingVerdict) -> Result<()> {
        self.run(|conn| {
            let BreakingVerdict { against, file, package, wire_json, wire, rust } = *verdict;
            let [file, package, wire_json, wire, rust] = [file, package, wire_json, wire, rust].map(Count);
            let values = params![commit, against, file, package, wire_json, wire, rust];
            let sql = "INSERT INTO verdicts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (commit_id) DO UPDATE
                       SET against = excluded.against, file = excluded.file, package = excluded.package,
                           wire_json = excluded.wire_json, wire = excluded.wire, rust = excluded.rust";
            run(conn, sql, values)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, commit_id, module_id};

    #[test]
    fn a_verdict_is_kept_with_its_commit() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let against = commit_id(9);
        let verdict = BreakingVerdict { against, file: 5, package: 4, wire_json: 3, wire: 2, rust: 1 };
        store.transaction("test", |tx| tx.put_verdict(commit_id(1), &verdict)).unwrap();
        assert_eq!(store.verdicts(&[commit_id(2), commit_id(1)]).unwrap(), [None, Some(verdict)]);
        store.delete_modules(&[module_id(1)]).unwrap();
        assert_eq!(store.verdicts(&[commit_id(1)]).unwrap(), [None]);
    }
}
