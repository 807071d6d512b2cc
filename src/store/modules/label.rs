//! Labels and their histories.

use crate::model::{CommitId, LabelId, LabelName, ModuleId, OwnerId, Quotas, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, Work, unless_taken};
use crate::store::db::statements::pagination::{Order, Page, PageWindow};
use crate::store::db::statements::query::{all, exists, one, run};
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;

/// A label: a name for a commit that can move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The id, which never changes.
    pub id: LabelId,
    /// The module it belongs to.
    pub module: ModuleId,
    /// Unique within the module.
    pub name: LabelName,
    /// The commit that it points at.
    pub commit: CommitId,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last moved.
    pub updated: Timestamp,
    /// The user that moved it last.
    pub updated_by: OwnerId,
    /// Since when it is archived, if it is.
    pub archived: Option<Timestamp>,
}

/// One move of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelEvent {
    /// The commit that it was moved to.
    pub commit: CommitId,
    /// The time of the move.
    pub at: Timestamp,
    /// The user that moved it.
    pub by: OwnerId,
}

/// A filter for listed labels, and their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelFilter {
    /// Only archived labels, or only labels that are not archived; all if absent.
    pub archived: Option<bool>,
    /// Only labels whose name contains this text, ignoring case.
    pub query: Option<String>,
    /// The order of the list.
    pub order: Order,
}

fn read_label(row: &Row<'_>) -> SqlResult<Label> {
    Ok(Label {
        id: row.get("id")?,
        module: row.get("module_id")?,
        name: row.get("name")?,
        commit: row.get("commit_id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        updated_by: row.get("updated_by")?,
        archived: row.get("archived")?,
    })
}

pub(in crate::store) fn read_event(row: &Row<'_>) -> SqlResult<LabelEvent> {
    Ok(LabelEvent { commit: row.get("commit_id")?, at: row.get("at")?, by: row.get("moved_by")? })
}

pub(in crate::store) fn order_by(order: Order) -> &'static str {
    match order {
        Order::NewestFirst => "created DESC, id",
        Order::OldestFirst => "created, id",
        Order::UpdatedFirst => "updated DESC, id",
        Order::UpdatedLast => "updated, id",
        Order::Name => "name",
    }
}

/// Creates or moves a label inside a transaction, and adds the move to the label's history.
pub(in crate::store) fn put_label(conn: &Connection, label: &Label, event: &LabelEvent, quotas: &Quotas) -> Work<()> {
    let of_module = "SELECT module_id FROM commits WHERE id = ?1";
    if one(conn, of_module, [label.commit], |row| row.get(0))? != Some(label.module) {
        return Err(
            StoreError::Missing(format!("commit {} of the module of label {}", label.commit, label.name)).into()
        );
    }
    let known = exists(conn, "SELECT 1 FROM labels WHERE id = ?1", [label.id])?;
    let sql = "INSERT INTO labels VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (id) DO UPDATE SET commit_id = excluded.commit_id, updated = excluded.updated,
               updated_by = excluded.updated_by, archived = excluded.archived";
    let (times, by) = ((label.created, label.updated), label.updated_by);
    let values = params![label.id, label.module, label.name, label.commit, times.0, times.1, by, label.archived];
    unless_taken(run(conn, sql, values), || format!("label {}", label.name))?;
    if !known {
        quotas.check_labels(conn, label)?;
    }
    let sql = "INSERT INTO label_events (label_id, commit_id, at, moved_by) VALUES (?1, ?2, ?3, ?4)";
    run(conn, sql, params![label.id, event.commit, event.at, event.by])?;
    Ok(())
}

impl Store {
    /// The label of a module with this name, archived or not.
    pub fn label(&self, module: ModuleId, name: &LabelName) -> Result<Option<Label>> {
        self.read("look up a label", |conn| {
            one(conn, "SELECT * FROM labels WHERE module_id = ?1 AND name = ?2", params![module, name], read_label)
        })
    }

    /// The labels that point at a commit now, by name.
    pub fn labels_of_commit(&self, commit: CommitId) -> Result<Vec<Label>> {
        self.read("look up labels", |conn| {
            all(conn, "SELECT * FROM labels WHERE commit_id = ?1 ORDER BY name", [commit], read_label)
        })
    }

    /// The labels of a module that pass the filter.
    pub fn list_labels(&self, module: ModuleId, filter: &LabelFilter, offset: u64, limit: u64) -> Result<Page<Label>> {
        let cut = PageWindow::new(offset, limit);
        let sql = format!(
            "SELECT * FROM labels WHERE module_id = :module
             AND (:archived IS NULL OR (archived IS NOT NULL) = :archived)
             AND (:query IS NULL OR instr(lower(name), :query) > 0)
             ORDER BY {} LIMIT :limit OFFSET :offset",
            order_by(filter.order)
        );
        let query = filter.query.as_ref().map(|query| query.to_ascii_lowercase());
        self.read("list labels", |conn| {
            let values = named_params! {
                ":module": module, ":archived": filter.archived, ":query": query,
                ":limit": cut.limit(), ":offset": cut.offset(),
            };
            Ok(cut.page(all(conn, &sql, values, read_label)?))
        })
    }

    /// The number of labels of a module that are not archived.
    pub fn count_labels(&self, module: ModuleId) -> Result<u64> {
        let sql = "SELECT count(*) FROM labels WHERE module_id = ?1 AND archived IS NULL";
        self.read(
            "count labels",
            |conn| Ok(one(conn, sql, [module], |row| row.get(0))?.map_or(0, |Count(count)| count)),
        )
    }

    /// The moves of a label, oldest first or newest first.
    pub fn label_history(
        &self,
        label: LabelId,
        newest_first: bool,
        offset: u64,
        limit: u64,
    ) -> Result<Page<LabelEvent>> {
        let cut = PageWindow::new(offset, limit);
        let direction = if newest_first { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT * FROM label_events WHERE label_id = :label
             ORDER BY id {direction} LIMIT :limit OFFSET :offset"
        );
        self.read("read the history of a label", |conn| {
            let values = named_params! { ":label": label, ":limit": cut.limit(), ":offset": cut.offset() };
            Ok(cut.page(all(conn, &sql, values, read_event)?))
        })
    }
}

impl Transaction<'_> {
    /// Archives a label, or unarchives it. Its history records moves only.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such label.
    pub fn set_label_archived(&self, label: LabelId, archived: Option<Timestamp>, by: OwnerId) -> Result<()> {
        self.run(|conn| {
            let sql = "UPDATE labels SET archived = ?2, updated_by = ?3 WHERE id = ?1";
            match run(conn, sql, params![label, archived, by])? {
                0 => Err(StoreError::Missing(format!("label {label}")).into()),
                _ => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::modules::write_set::{LabelMove, WriteSet};
    use crate::store::testing::{Scratch, at, commit_id, label, label_id, module_id, owner_id};

    fn store() -> Scratch {
        let store = Scratch::with_modules();
        for n in [3, 4] {
            store.push_one(n, 1, &[], vec![]);
        }
        store.push_one(5, 2, &[], vec![]);
        store
    }

    fn move_label(store: &Scratch, label: &Label, event: &LabelEvent) -> Result<()> {
        let labels = vec![LabelMove { label: label.clone(), is_new: false }];
        let (at, by) = (event.at, event.by);
        store.push(&WriteSet { commits: vec![], labels, jobs: vec![], indexed: vec![], at, by })
    }

    fn event(commit: u8, seconds: i64) -> LabelEvent {
        LabelEvent { commit: commit_id(commit), at: at(seconds), by: owner_id(1) }
    }

    #[test]
    fn every_move_stands_in_the_history() {
        let store = store();
        move_label(&store, &label(1, 1, "main", 3), &event(3, 9)).unwrap();
        assert_eq!(store.label(module_id(1), &LabelName::main()).unwrap(), Some(label(1, 1, "main", 3)));
        assert_eq!(store.labels_of_commit(commit_id(3)).unwrap(), [label(1, 1, "main", 3)]);
        assert!(store.labels_of_commit(commit_id(4)).unwrap().is_empty());
        let newest = store.label_history(label_id(1), true, 0, 2).unwrap();
        assert_eq!((newest.items, newest.next), (vec![event(3, 9), event(4, 4)], Some(2)));
        assert_eq!(store.label_history(label_id(1), false, 0, 1).unwrap().items, [event(3, 3)]);
    }

    #[test]
    fn a_label_stays_within_its_module_and_its_name_is_taken_once() {
        let store = store();
        let foreign = move_label(&store, &label(1, 1, "main", 5), &event(5, 9)).unwrap_err();
        assert!(matches!(foreign, StoreError::Missing(_)), "{foreign}");
        let taken = move_label(&store, &label(8, 1, "main", 3), &event(3, 9)).unwrap_err();
        assert_eq!(taken.to_string(), "label main already exists");
        assert_eq!(store.label_history(label_id(1), true, 0, 9).unwrap().items.len(), 2);
    }

    #[test]
    fn labels_are_listed_by_archive_state_and_name() {
        let store = store();
        for (n, name) in [(8, "Feature/x"), (9, "beta")] {
            move_label(&store, &label(n, 1, name, 3), &event(3, 9)).unwrap();
        }
        store.set_label_archived(label_id(9), Some(at(20)), owner_id(2)).unwrap();
        let list = |archived, query: Option<&str>| -> Vec<String> {
            let filter = LabelFilter { archived, query: query.map(Into::into), order: Order::Name };
            let page = store.list_labels(module_id(1), &filter, 0, 10).unwrap();
            page.items.iter().map(|label| label.name.to_string()).collect()
        };
        assert_eq!(list(None, None), ["Feature/x", "beta", "main"]);
        assert_eq!(list(Some(false), None), ["Feature/x", "main"]);
        assert_eq!(list(Some(true), None), ["beta"]);
        assert_eq!(list(None, Some("feature")), ["Feature/x"]);
        store.set_label_archived(label_id(9), None, owner_id(2)).unwrap();
        assert!(list(Some(true), None).is_empty());
        let missing = store.set_label_archived(label_id(99), None, owner_id(2));
        assert!(matches!(missing, Err(StoreError::Missing(_))));
    }
}
