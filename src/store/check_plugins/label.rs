//! Labels of check plugins and their histories.

use crate::model::{CheckPluginId, CommitId, LabelId, LabelName, OwnerId, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, Work, unless_taken};
use crate::store::db::statements::pagination::{Page, PageWindow};
use crate::store::db::statements::query::{all, exists, one, run};
use crate::store::db::transaction::Transaction;
use crate::store::modules::label::{LabelEvent, LabelFilter, order_by, read_event};

/// A label of a check plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckPluginLabel {
    /// The id, which never changes.
    pub id: LabelId,
    /// The plugin.
    pub plugin: CheckPluginId,
    /// Unique within the plugin.
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

fn read_label(row: &Row<'_>) -> SqlResult<CheckPluginLabel> {
    Ok(CheckPluginLabel {
        id: row.get("id")?,
        plugin: row.get("plugin_id")?,
        name: row.get("name")?,
        commit: row.get("commit_id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        updated_by: row.get("updated_by")?,
        archived: row.get("archived")?,
    })
}

fn by_name(conn: &Connection, plugin: CheckPluginId, name: &LabelName) -> Work<Option<CheckPluginLabel>> {
    let sql = "SELECT * FROM check_plugin_labels WHERE plugin_id = ?1 AND name = ?2";
    one(conn, sql, params![plugin, name], read_label)
}

impl Store {
    /// The label of a check plugin with this name, archived or not.
    pub fn check_plugin_label(&self, plugin: CheckPluginId, name: &LabelName) -> Result<Option<CheckPluginLabel>> {
        self.read("look up a label", |conn| by_name(conn, plugin, name))
    }

    /// The label of a check plugin with this id.
    pub fn check_plugin_label_by_id(&self, id: LabelId) -> Result<Option<CheckPluginLabel>> {
        self.read("look up a label", |conn| {
            one(conn, "SELECT * FROM check_plugin_labels WHERE id = ?1", [id], read_label)
        })
    }

    /// The labels of a check plugin that pass the filter; those at `commit` if one is given.
    pub fn list_check_plugin_labels(
        &self,
        plugin: CheckPluginId,
        commit: Option<CommitId>,
        filter: &LabelFilter,
        (offset, limit): (u64, u64),
    ) -> Result<Page<CheckPluginLabel>> {
        let cut = PageWindow::new(offset, limit);
        let sql = format!(
            "SELECT * FROM check_plugin_labels WHERE plugin_id = :plugin AND (:commit IS NULL OR commit_id = :commit)
             AND (:archived IS NULL OR (archived IS NOT NULL) = :archived)
             AND (:query IS NULL OR instr(lower(name), :query) > 0)
             ORDER BY {} LIMIT :limit OFFSET :offset",
            order_by(filter.order)
        );
        let query = filter.query.as_ref().map(|query| query.to_ascii_lowercase());
        self.read("list labels", |conn| {
            let values = named_params! {
                ":plugin": plugin, ":commit": commit, ":archived": filter.archived, ":query": query,
                ":limit": cut.limit(), ":offset": cut.offset(),
            };
            Ok(cut.page(all(conn, &sql, values, read_label)?))
        })
    }

    /// The moves of a label of a check plugin, oldest first or newest first.
    pub fn check_plugin_label_history(
        &self,
        label: LabelId,
        newest_first: bool,
        (offset, limit): (u64, u64),
    ) -> Result<Page<LabelEvent>> {
        let cut = PageWindow::new(offset, limit);
        let direction = if newest_first { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT * FROM check_plugin_label_events WHERE label_id = :label
             ORDER BY id {direction} LIMIT :limit OFFSET :offset"
        );
        self.read("read the history of a label", |conn| {
            let values = named_params! { ":label": label, ":limit": cut.limit(), ":offset": cut.offset() };
            Ok(cut.page(all(conn, &sql, values, read_event)?))
        })
    }
}

impl Transaction<'_> {
    /// The label, as [`Store::check_plugin_label`].
    pub fn check_plugin_label(&self, plugin: CheckPluginId, name: &LabelName) -> Result<Option<CheckPluginLabel>> {
        self.run(|conn| by_name(conn, plugin, name))
    }

    /// Creates, moves or unarchives a label of a check plugin. A move is added to the label's history.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if the plugin has no such commit, [`StoreError::AlreadyExists`] if another label has the
    /// name.
    pub fn put_check_plugin_label(&self, label: &CheckPluginLabel) -> Result<()> {
        self.run(|conn| {
            let sql = "SELECT 1 FROM check_plugin_commits WHERE id = ?1 AND plugin_id = ?2";
            if !exists(conn, sql, params![label.commit, label.plugin])? {
                let what = format!("commit {} of the check plugin of label {}", label.commit, label.name);
                return Err(StoreError::Missing(what).into());
            }
            let sql = "SELECT commit_id FROM check_plugin_labels WHERE id = ?1";
            let before = one(conn, sql, [label.id], |row| row.get::<_, CommitId>(0))?;
            let sql = "INSERT INTO check_plugin_labels VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                       ON CONFLICT (id) DO UPDATE SET commit_id = excluded.commit_id, updated = excluded.updated,
                       updated_by = excluded.updated_by, archived = excluded.archived";
            let CheckPluginLabel { id, plugin, name, commit, created, updated, updated_by, archived } = label;
            let values = params![id, plugin, name, commit, created, updated, updated_by, archived];
            unless_taken(run(conn, sql, values), || format!("label {name}"))?;
            if before.is_none() {
                self.quotas().check_check_plugin_labels(conn, label)?;
            }
            if before != Some(*commit) {
                let sql = "INSERT INTO check_plugin_label_events (label_id, commit_id, at, moved_by)
                           VALUES (?1, ?2, ?3, ?4)";
                run(conn, sql, params![id, commit, updated, updated_by])?;
            }
            Ok(())
        })
    }

    /// Archives a label of a check plugin, or unarchives it. Its history records moves only.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such label.
    pub fn set_check_plugin_label_archived(
        &self,
        label: LabelId,
        archived: Option<Timestamp>,
        by: OwnerId,
    ) -> Result<()> {
        self.run(|conn| {
            let sql = "UPDATE check_plugin_labels SET archived = ?2, updated_by = ?3 WHERE id = ?1";
            match run(conn, sql, params![label, archived, by])? {
                0 => Err(StoreError::Missing(format!("label {label}")).into()),
                _ => Ok(()),
            }
        })
    }
}
