//! Modules: their rows, who may see them, and their deletion with all that belongs to them.

use rusqlite::{Connection, Row, named_params, params};

use super::error::{Work, unless_taken};
use super::query::{Cut, all, one, run};
use super::records::{Module, ModuleFilter, Order, Page, Viewer};
use super::{Result, Store, StoreError};
use crate::model::{ModuleId, ModuleName, OwnerId};

const SELECT: &str = "SELECT modules.*, owners.name AS owner_name FROM modules JOIN owners ON owners.id = owner_id";

/// The condition that the viewer of [`viewer_columns`] may see a row of `modules`.
pub(super) const VISIBLE: &str = "(:everything OR visibility = 'public' OR owner_id = :viewer OR EXISTS
    (SELECT 1 FROM members WHERE organization_id = owner_id AND user_id = :viewer))";

/// The parameters `:everything` and `:viewer` of [`VISIBLE`].
pub(super) fn viewer_columns(viewer: Option<Viewer>) -> (bool, Option<OwnerId>) {
    match viewer {
        None => (true, None),
        Some(Viewer::Anonymous) => (false, None),
        Some(Viewer::User(user)) => (false, Some(user)),
    }
}

fn read_name(row: &Row<'_>) -> rusqlite::Result<ModuleName> {
    Ok(ModuleName::new(row.get("owner_name")?, row.get("name")?))
}

fn read_module(row: &Row<'_>) -> rusqlite::Result<Module> {
    Ok(Module {
        id: row.get("id")?,
        name: read_name(row)?,
        owner: row.get("owner_id")?,
        visibility: row.get("visibility")?,
        deprecated: row.get("deprecated")?,
        description: row.get("description")?,
        url: row.get("url")?,
        default_label: row.get("default_label")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
    })
}

fn by_id(conn: &Connection, id: ModuleId) -> Work<Option<Module>> {
    one(conn, &format!("{SELECT} WHERE modules.id = ?1"), [id], read_module)
}

fn order_by(order: Order) -> &'static str {
    match order {
        Order::NewestFirst => "modules.created DESC, modules.id",
        Order::OldestFirst => "modules.created, modules.id",
        Order::UpdatedFirst => "modules.updated DESC, modules.id",
        Order::UpdatedLast => "modules.updated, modules.id",
        Order::Name => "owners.name, modules.name",
    }
}

impl Store {
    /// Creates a module. Its owner is the one that `owner` says; the owner's name must be the one in `name`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if name or id are taken; [`StoreError::Missing`] without that owner.
    pub fn create_module(&self, module: &Module) -> Result<()> {
        self.write("create a module", |conn| {
            let sql = "INSERT INTO modules SELECT ?1, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
                       FROM owners WHERE id = ?2 AND name = ?3";
            let values = params![
                module.id,
                module.owner,
                module.name.owner(),
                module.name.name(),
                module.visibility,
                module.deprecated,
                module.description,
                module.url,
                module.default_label,
                module.created,
                module.updated
            ];
            match unless_taken(run(conn, sql, values), || format!("module {}", module.name))? {
                0 => Err(StoreError::Missing(format!("owner {}", module.name.owner())).into()),
                _ => Ok(()),
            }
        })
    }

    /// The module with this name.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn module(&self, name: &ModuleName) -> Result<Option<Module>> {
        let sql = format!("{SELECT} WHERE owners.name = ?1 AND modules.name = ?2");
        self.read("look up a module", |conn| one(conn, &sql, params![name.owner(), name.name()], read_module))
    }

    /// The module with this id.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn module_by_id(&self, id: ModuleId) -> Result<Option<Module>> {
        self.read("look up a module", |conn| by_id(conn, id))
    }

    /// Changes all of a module but its owner, name and creation.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such module.
    pub fn update_module(&self, module: &Module) -> Result<()> {
        self.write("change a module", |conn| {
            let sql = "UPDATE modules SET visibility = ?2, deprecated = ?3, description = ?4, url = ?5,
                       default_label = ?6, updated = ?7 WHERE id = ?1";
            let (visibility, deprecated) = (module.visibility, module.deprecated);
            let (description, url, label) = (&module.description, &module.url, &module.default_label);
            let values = params![module.id, visibility, deprecated, description, url, label, module.updated];
            match run(conn, sql, values)? {
                0 => Err(StoreError::Missing(format!("module {}", module.name)).into()),
                _ => Ok(()),
            }
        })
    }

    /// Deletes a module with its commits, labels, jobs, SDKs and interests.
    ///
    /// # Errors
    /// [`StoreError::HasDependants`] when a commit of another module depends on one of its commits;
    /// [`StoreError::Missing`] if there is no such module.
    pub fn delete_module(&self, id: ModuleId) -> Result<()> {
        self.write("delete a module", |conn| {
            let Some(module) = by_id(conn, id)? else {
                return Err(StoreError::Missing(format!("module {id}")).into());
            };
            let sql = format!("{SELECT} WHERE modules.id IN ({DEPENDANTS}) ORDER BY owners.name, modules.name");
            let dependants = all(conn, &sql, [id], read_name)?;
            if !dependants.is_empty() {
                return Err(StoreError::HasDependants { module: module.name, dependants }.into());
            }
            delete_with_all(conn, id)
        })
    }

    /// The other modules that have a commit which depends on a commit of this one.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn dependants(&self, module: ModuleId) -> Result<Vec<ModuleId>> {
        let sql = format!("{DEPENDANTS} ORDER BY 1");
        self.read("look up dependants", |conn| all(conn, &sql, [module], |row| row.get(0)))
    }

    /// The modules that pass the filter.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn list_modules(&self, filter: &ModuleFilter, order: Order, offset: u64, limit: u64) -> Result<Page<Module>> {
        let cut = Cut::new(offset, limit);
        let (everything, viewer) = viewer_columns(filter.visible_to);
        let query = filter.query.as_ref().map(|query| query.to_ascii_lowercase());
        let sql = format!(
            "{SELECT} WHERE (:owner IS NULL OR owner_id = :owner) AND {VISIBLE}
             AND (:query IS NULL OR instr(owners.name || '/' || modules.name, :query) > 0
                  OR instr(lower(modules.description), :query) > 0)
             ORDER BY {} LIMIT :limit OFFSET :offset",
            order_by(order)
        );
        self.read("list modules", |conn| {
            let values = named_params! {
                ":owner": filter.owner, ":everything": everything, ":viewer": viewer, ":query": query,
                ":limit": cut.limit(), ":offset": cut.offset(),
            };
            Ok(cut.page(all(conn, &sql, values, read_module)?))
        })
    }

    /// The names of all modules, in order; who may see them is for the caller to say.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn module_names(&self) -> Result<Vec<ModuleName>> {
        let sql = "SELECT modules.name, owners.name AS owner_name FROM modules JOIN owners ON owners.id = owner_id
                   ORDER BY owners.name, modules.name";
        self.read("list modules", |conn| all(conn, sql, [], read_name))
    }
}

const DEPENDANTS: &str = "SELECT DISTINCT dependant.module_id
    FROM commits AS needed
    JOIN commit_dependencies ON dependency_id = needed.id
    JOIN commits AS dependant ON dependant.id = commit_id
    WHERE needed.module_id = ?1 AND dependant.module_id <> ?1";

/// The foreign keys take all rows of the module with it; contents of files may be shared, so they go last.
fn delete_with_all(conn: &Connection, id: ModuleId) -> Work<()> {
    run(conn, "DELETE FROM modules WHERE id = ?1", [id])?;
    run(conn, "DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM commit_files WHERE blob_id = blobs.id)", [])?;
    Ok(())
}
