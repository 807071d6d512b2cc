//! How many declarations a commit changed: what its page tells of it.

use crate::model::{ChangeCount, ChangeCounts, CommitId, DeclarationKind};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, params};
use crate::store::db::error::Result;
use crate::store::db::statements::query::{all, run};
use crate::store::db::statements::sql_values::{Count, keyword_column};
use crate::store::db::transaction::Transaction;

const PUT: &str = "INSERT INTO commit_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (commit_id, kind) DO UPDATE
    SET against = excluded.against, added = excluded.added, removed = excluded.removed, changed = excluded.changed";

/// How many declarations a commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitChanges {
    /// The commit that it was compared with: the head of its label before.
    pub against: CommitId,
    /// The number of changes.
    pub counts: ChangeCounts,
}

keyword_column!(DeclarationKind {
    Message = "message", Field = "field", Enum = "enum", Value = "value", Service = "service", Method = "method"
});

fn read_row(row: &Row<'_>) -> SqlResult<(CommitId, DeclarationKind, ChangeCount)> {
    let count = |column: &str| row.get::<_, Count>(column).map(|Count(count)| count);
    let counted = ChangeCount { added: count("added")?, removed: count("removed")?, changed: count("changed")? };
    Ok((row.get("against")?, row.get("kind")?, counted))
}

impl Store {
    /// What these commits changed, in the same order; absent where the push compared nothing.
    pub fn commit_changes(&self, commits: &[CommitId]) -> Result<Vec<Option<CommitChanges>>> {
        self.read("look up what commits change", |conn| {
            let of = |commit: &CommitId| {
                let rows = all(conn, "SELECT * FROM commit_changes WHERE commit_id = ?1", [commit], read_row)?;
                let against = rows.first().map(|(against, ..)| *against);
                let counts: ChangeCounts = rows.into_iter().map(|(_, kind, count)| (kind, count)).collect();
                Ok(against.map(|against| CommitChanges { against, counts }))
            };
            commits.iter().map(of).collect()
        })
    }
}

impl Transaction<'_> {
    /// Keeps what a commit changed.
    ///
    /// # Errors
    /// [`Missing`](crate::store::StoreError::Missing) if there is no such commit.
    pub fn put_commit_changes(&self, commit: CommitId, changes: &CommitChanges) -> Result<()> {
        self.run(|conn| {
            // Kinds without changes have rows too: they tell that the commit was compared.
            for kind in DeclarationKind::ALL {
                let ChangeCount { added, removed, changed } = changes.counts.get(&kind).copied().unwrap_or_default();
                let [added, removed, changed] = [added, removed, changed].map(Count);
                let values = params![commit, kind, changes.against, added, removed, changed];
                run(conn, PUT, values)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, commit_id, module_id};

    #[test]
    fn what_a_commit_changed_is_kept_with_it() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let keep = |counts: ChangeCounts| {
            let changes = CommitChanges { against: commit_id(9), counts };
            store.transaction("test", |tx| tx.put_commit_changes(commit_id(1), &changes)).unwrap();
            store.commit_changes(&[commit_id(2), commit_id(1)]).unwrap()
        };
        let field = ChangeCount { added: 3, removed: 2, changed: 1 };
        let found = keep([(DeclarationKind::Field, field)].into());
        assert_eq!(found[0], None);
        let found = found[1].as_ref().unwrap();
        assert_eq!((found.against, found.counts[&DeclarationKind::Field]), (commit_id(9), field));
        assert!(found.counts.iter().all(|(kind, count)| *kind == DeclarationKind::Field || count.is_zero()));
        assert!(keep(ChangeCounts::new())[1].as_ref().unwrap().counts.values().all(ChangeCount::is_zero));
        store.delete_modules(&[module_id(1)]).unwrap();
        assert_eq!(store.commit_changes(&[commit_id(1)]).unwrap(), [None]);
    }
}
