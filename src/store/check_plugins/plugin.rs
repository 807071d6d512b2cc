//! Check plugins: their rows, and their deletion with everything that belongs to them.

use crate::model::{CheckPluginId, ModuleName, OwnerId, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, unless_taken};
use crate::store::db::statements::pagination::{Order, Page, PageWindow};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::transaction::Transaction;
use crate::store::modules::visibility::{VISIBLE, Viewer, Visibility, read_name, viewer_columns};

/// A check plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckPlugin {
    /// The id, which never changes.
    pub id: CheckPluginId,
    /// `owner/name`, by the rules for modules; a module may have the same name.
    pub name: ModuleName,
    /// The owner in the name.
    pub owner: OwnerId,
    /// Whether everyone may read it, or only its owner and the members of the owner.
    pub visibility: Visibility,
    /// Whether its users are advised to move to another one.
    pub deprecated: bool,
    /// Free text for people; may be empty.
    pub description: String,
    /// The URL of its sources; may be empty.
    pub source_url: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed; pushes do not count.
    pub updated: Timestamp,
}

const SELECT: &str =
    "SELECT check_plugins.*, owners.name AS owner_name FROM check_plugins JOIN owners ON owners.id = owner_id";

fn read_plugin(row: &Row<'_>) -> SqlResult<CheckPlugin> {
    Ok(CheckPlugin {
        id: row.get("id")?,
        name: read_name(row)?,
        owner: row.get("owner_id")?,
        visibility: row.get("visibility")?,
        deprecated: row.get("deprecated")?,
        description: row.get("description")?,
        source_url: row.get("source_url")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
    })
}

impl Store {
    /// The check plugin with this name.
    pub fn check_plugin(&self, name: &ModuleName) -> Result<Option<CheckPlugin>> {
        let sql = format!("{SELECT} WHERE owners.name = ?1 AND check_plugins.name = ?2");
        self.read("look up a check plugin", |conn| one(conn, &sql, params![name.owner(), name.name()], read_plugin))
    }

    /// The check plugin with this id.
    pub fn check_plugin_by_id(&self, id: CheckPluginId) -> Result<Option<CheckPlugin>> {
        let sql = format!("{SELECT} WHERE check_plugins.id = ?1");
        self.read("look up a check plugin", |conn| one(conn, &sql, [id], read_plugin))
    }

    /// The check plugins of `owner`, or of all owners, that `viewer` may read.
    pub fn list_check_plugins(
        &self,
        owner: Option<OwnerId>,
        viewer: Option<Viewer>,
        order: Order,
        (offset, limit): (u64, u64),
    ) -> Result<Page<CheckPlugin>> {
        let cut = PageWindow::new(offset, limit);
        let (everything, viewer) = viewer_columns(viewer);
        let order = match order {
            Order::OldestFirst => "check_plugins.created, check_plugins.id",
            _ => "check_plugins.created DESC, check_plugins.id",
        };
        let sql = format!(
            "{SELECT} WHERE (:owner IS NULL OR owner_id = :owner) AND {VISIBLE}
             ORDER BY {order} LIMIT :limit OFFSET :offset"
        );
        self.read("list check plugins", |conn| {
            let values = named_params! {
                ":owner": owner, ":everything": everything, ":viewer": viewer,
                ":limit": cut.limit(), ":offset": cut.offset(),
            };
            Ok(cut.page(all(conn, &sql, values, read_plugin)?))
        })
    }
}

impl Transaction<'_> {
    /// Creates a check plugin. The owner with the id `owner` must have the owner's name in `name`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if name or id are taken; [`StoreError::Missing`] without that owner.
    pub fn create_check_plugin(&self, plugin: &CheckPlugin) -> Result<()> {
        self.run(|conn| {
            let sql = "INSERT INTO check_plugins SELECT ?1, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10
                       FROM owners WHERE id = ?2 AND name = ?3";
            let values = params![
                plugin.id,
                plugin.owner,
                plugin.name.owner(),
                plugin.name.name(),
                plugin.visibility,
                plugin.deprecated,
                plugin.description,
                plugin.source_url,
                plugin.created,
                plugin.updated
            ];
            match unless_taken(run(conn, sql, values), || format!("check plugin {}", plugin.name))? {
                0 => Err(StoreError::Missing(format!("owner {}", plugin.name.owner())).into()),
                _ => self.quotas().check_check_plugins(conn, plugin),
            }
        })
    }

    /// Changes all properties of a check plugin except owner, name and time of creation.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such plugin.
    pub fn update_check_plugin(&self, plugin: &CheckPlugin) -> Result<()> {
        self.run(|conn| {
            let sql = "UPDATE check_plugins SET visibility = ?2, deprecated = ?3, description = ?4, source_url = ?5,
                       updated = ?6 WHERE id = ?1";
            let (texts, visibility) = ((&plugin.description, &plugin.source_url), plugin.visibility);
            let values = params![plugin.id, visibility, plugin.deprecated, texts.0, texts.1, plugin.updated];
            match run(conn, sql, values)? {
                0 => Err(StoreError::Missing(format!("check plugin {}", plugin.name)).into()),
                _ => Ok(()),
            }
        })
    }

    /// Deletes a check plugin with its commits and labels.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such plugin.
    pub fn delete_check_plugin(&self, id: CheckPluginId) -> Result<()> {
        self.run(|conn| {
            // Labels refer to commits, so they go first.
            run(conn, "DELETE FROM check_plugin_labels WHERE plugin_id = ?1", [id])?;
            match run(conn, "DELETE FROM check_plugins WHERE id = ?1", [id])? {
                0 => Err(StoreError::Missing(format!("check plugin {id}")).into()),
                _ => Ok(()),
            }
        })
    }
}
