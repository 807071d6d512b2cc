//! Modules: their rows, their visibility, and their deletion with everything that belongs to them.

use super::dependency_access::{check_dependencies_public, check_no_public_dependants};
use super::visibility::{VISIBLE, Viewer, Visibility, read_name, viewer_columns};
use crate::model::{LabelName, ModuleId, ModuleName, OwnerId, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, Work, unless_taken};
use crate::store::db::statements::pagination::{Order, Page, PageWindow};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::transaction::Transaction;
use crate::store::sdks::sdk::retire_versions;

/// A module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The id, which never changes.
    pub id: ModuleId,
    /// `owner/name`; never changes, because crates are named by it.
    pub name: ModuleName,
    /// The owner in the name.
    pub owner: OwnerId,
    /// Whether everyone may read it, or only its owner and the members of the owner.
    pub visibility: Visibility,
    /// Whether its users are advised to move to another module.
    pub deprecated: bool,
    /// Free text for people; may be empty.
    pub description: String,
    /// The URL of its web page; may be empty.
    pub url: String,
    /// The label whose commits are released.
    pub default_label: LabelName,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed; pushes do not count.
    pub updated: Timestamp,
}

/// A filter for listed modules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleFilter {
    /// Only modules of this owner.
    pub owner: Option<OwnerId>,
    /// Only modules that this viewer may read; all modules if absent.
    pub visible_to: Option<Viewer>,
    /// Only modules whose `owner/name` or description contains this text, ignoring case.
    pub query: Option<String>,
}

const SELECT: &str = "SELECT modules.*, owners.name AS owner_name FROM modules JOIN owners ON owners.id = owner_id";

/// The ids of other modules with commits that depend on a commit of module `?1`.
const DEPENDANTS: &str = "SELECT DISTINCT dependant.module_id
    FROM commits AS needed
    JOIN commit_dependencies ON dependency_id = needed.id
    JOIN commits AS dependant ON dependant.id = commit_id
    WHERE needed.module_id = ?1 AND dependant.module_id <> ?1";

fn read_module(row: &Row<'_>) -> SqlResult<Module> {
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
    /// The module with this name.
    pub fn module(&self, name: &ModuleName) -> Result<Option<Module>> {
        let sql = format!("{SELECT} WHERE owners.name = ?1 AND modules.name = ?2");
        self.read("look up a module", |conn| one(conn, &sql, params![name.owner(), name.name()], read_module))
    }

    /// The module with this id.
    pub fn module_by_id(&self, id: ModuleId) -> Result<Option<Module>> {
        self.read("look up a module", |conn| by_id(conn, id))
    }

    /// The other modules with a commit that depends on a commit of this module.
    pub fn dependants(&self, module: ModuleId) -> Result<Vec<ModuleId>> {
        let sql = format!("{DEPENDANTS} ORDER BY 1");
        self.read("look up dependants", |conn| all(conn, &sql, [module], |row| row.get(0)))
    }

    /// The modules that pass the filter.
    pub fn list_modules(&self, filter: &ModuleFilter, order: Order, offset: u64, limit: u64) -> Result<Page<Module>> {
        self.list_ordered(filter, order_by(order), offset, limit)
    }

    /// The modules that pass the filter, by the last move of their default label, deprecated ones last.
    pub fn list_active_modules(&self, filter: &ModuleFilter, offset: u64, limit: u64) -> Result<Page<Module>> {
        let order = "modules.deprecated, (SELECT labels.updated FROM labels WHERE labels.module_id = modules.id
                     AND labels.name = modules.default_label) DESC NULLS LAST, owners.name, modules.name";
        self.list_ordered(filter, order, offset, limit)
    }

    fn list_ordered(&self, filter: &ModuleFilter, order: &str, offset: u64, limit: u64) -> Result<Page<Module>> {
        let cut = PageWindow::new(offset, limit);
        let (everything, viewer) = viewer_columns(filter.visible_to);
        let query = filter.query.as_ref().map(|query| query.to_ascii_lowercase());
        let sql = format!(
            "{SELECT} WHERE (:owner IS NULL OR owner_id = :owner) AND {VISIBLE}
             AND (:query IS NULL OR instr(owners.name || '/' || modules.name, :query) > 0
                  OR instr(lower(modules.description), :query) > 0)
             ORDER BY {order} LIMIT :limit OFFSET :offset"
        );
        self.read("list modules", |conn| {
            let values = named_params! {
                ":owner": filter.owner, ":everything": everything, ":viewer": viewer, ":query": query,
                ":limit": cut.limit(), ":offset": cut.offset(),
            };
            Ok(cut.page(all(conn, &sql, values, read_module)?))
        })
    }

    /// The modules with a default label that the search index has not seen in its newest format.
    pub fn modules_to_index(&self) -> Result<Vec<Module>> {
        let sql = format!(
            "{SELECT} WHERE NOT EXISTS (SELECT 1 FROM indexed WHERE module_id = modules.id) AND EXISTS
                 (SELECT 1 FROM labels WHERE module_id = modules.id AND labels.name = default_label)
             ORDER BY modules.created"
        );
        self.read("look for modules to index", |conn| all(conn, &sql, [], read_module))
    }

    /// The names of all modules, in order, without regard to visibility.
    pub fn module_names(&self) -> Result<Vec<ModuleName>> {
        let sql = "SELECT modules.name, owners.name AS owner_name FROM modules JOIN owners ON owners.id = owner_id
                   ORDER BY owners.name, modules.name";
        self.read("list modules", |conn| all(conn, sql, [], read_name))
    }
}

impl Transaction<'_> {
    /// Creates a module. The owner with the id `owner` must have the owner's name in `name`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if name or id are taken; [`StoreError::Missing`] without that owner.
    pub fn create_module(&self, module: &Module) -> Result<()> {
        self.run(|conn| {
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
                _ => self.quotas().check_modules(conn, module),
            }
        })
    }

    /// Changes all properties of modules except owner, name and time of creation: of all modules, or of none.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such module; [`StoreError::NeedsPrivate`] and
    /// [`StoreError::NeededByPublic`] when a public module would depend on a private one.
    pub fn update_modules(&self, modules: &[Module]) -> Result<()> {
        self.run(|conn| {
            let mut changed = vec![];
            for module in modules {
                let known = by_id(conn, module.id)?.map(|known| known.visibility);
                update(conn, module)?;
                if known != Some(module.visibility) {
                    changed.push(module.id);
                }
            }
            // Checked after all changes, because modules that change together may depend on each other.
            for id in changed {
                check_dependencies_public(conn, id, None)?;
                check_no_public_dependants(conn, id)?;
            }
            Ok(())
        })
    }

    /// Deletes modules with their commits, labels, jobs, SDKs and interests: all of them, or none.
    ///
    /// # Errors
    /// [`StoreError::HasDependants`] when a commit of a module that stays depends on one of their commits;
    /// [`StoreError::Missing`] if there is no such module.
    pub fn delete_modules(&self, ids: &[ModuleId]) -> Result<()> {
        self.run(|conn| {
            // Modules that are deleted together may depend on each other.
            conn.defer_references()?;
            for id in ids {
                let Some(module) = by_id(conn, *id)? else {
                    return Err(StoreError::Missing(format!("module {id}")).into());
                };
                let sql = format!("{SELECT} WHERE modules.id IN ({DEPENDANTS}) ORDER BY owners.name, modules.name");
                let dependants = all(conn, &sql, [*id], |row| Ok((row.get::<_, ModuleId>("id")?, read_name(row)?)))?;
                let stay = dependants.into_iter().filter(|(dependant, _)| !ids.contains(dependant));
                let dependants: Vec<_> = stay.map(|(_, name)| name).collect();
                if !dependants.is_empty() {
                    return Err(StoreError::HasDependants { module: module.name, dependants }.into());
                }
            }
            delete_with_all(conn, ids)
        })
    }
}

fn update(conn: &Connection, module: &Module) -> Work<()> {
    let sql = "UPDATE modules SET visibility = ?2, deprecated = ?3, description = ?4, url = ?5,
               default_label = ?6, updated = ?7 WHERE id = ?1";
    let (visibility, deprecated) = (module.visibility, module.deprecated);
    let (description, url, label) = (&module.description, &module.url, &module.default_label);
    let values = params![module.id, visibility, deprecated, description, url, label, module.updated];
    match run(conn, sql, values)? {
        0 => Err(StoreError::Missing(format!("module {}", module.name)).into()),
        _ => Ok(()),
    }
}

/// Deletes modules with all their rows, by the foreign keys. Then deletes the contents of files that no other commit
/// has.
fn delete_with_all(conn: &Connection, ids: &[ModuleId]) -> Work<()> {
    for id in ids {
        retire_versions(conn, *id)?;
        run(conn, "DELETE FROM modules WHERE id = ?1", [*id])?;
    }
    run(conn, "DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM commit_files WHERE blob_id = blobs.id)", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::jobs::job::JobClaim;
    use crate::store::modules::commit::Dependency;
    use crate::store::modules::visibility::Visibility;
    use crate::store::owners::owner::{Member, Role};
    use crate::store::sdks::interest::Interest;
    use crate::store::testing::{
        Scratch, at, commit_id, key, module, module_id, new_job, organization, owner, owner_id, sdk,
    };

    fn names(page: &Page<Module>) -> Vec<String> {
        page.items.iter().map(|module| module.name.to_string()).collect()
    }

    #[test]
    fn a_module_is_made_once_under_its_owners_name() {
        let store = Scratch::with_modules();
        let pets = module(1, "acme/pets", 1);
        assert_eq!(store.module(&pets.name).unwrap(), Some(pets.clone()));
        let error = store.create_module(&module(3, "acme/pets", 1)).unwrap_err();
        assert_eq!(error.to_string(), "module acme/pets already exists");
        let error = store.create_module(&module(3, "other/pets", 1)).unwrap_err();
        assert_eq!(error.to_string(), "owner other does not exist");
        let changed = Module { deprecated: true, visibility: Visibility::Private, updated: at(70), ..pets };
        store.update_modules(std::slice::from_ref(&changed)).unwrap();
        assert_eq!(store.module_by_id(module_id(1)).unwrap(), Some(changed));
        assert!(matches!(store.update_modules(&[module(9, "acme/none", 1)]), Err(StoreError::Missing(_))));
    }

    #[test]
    fn private_modules_are_listed_for_their_owner_and_members_only() {
        let store = Scratch::with_modules();
        store.create_owner(&organization(2, "team")).unwrap();
        store.create_owner(&owner(3, "guest")).unwrap();
        store.create_module(&Module { visibility: Visibility::Private, ..module(3, "team/secret", 2) }).unwrap();
        store.create_module(&Module { visibility: Visibility::Private, ..module(4, "guest/own", 3) }).unwrap();
        store.set_member(&Member { organization: owner_id(2), user: owner_id(1), role: Role::Reader }).unwrap();
        let seen = |visible_to| {
            let filter = ModuleFilter { visible_to, ..ModuleFilter::default() };
            names(&store.list_modules(&filter, Order::Name, 0, 10).unwrap())
        };
        assert_eq!(seen(Some(Viewer::Anonymous)), ["acme/pets", "acme/shop"]);
        assert_eq!(seen(Some(Viewer::User(owner_id(1)))), ["acme/pets", "acme/shop", "team/secret"]);
        assert_eq!(seen(Some(Viewer::User(owner_id(3)))), ["acme/pets", "acme/shop", "guest/own"]);
        assert_eq!(seen(None), ["acme/pets", "acme/shop", "guest/own", "team/secret"]);
        assert_eq!(store.module_names().unwrap().len(), 4);
    }

    #[test]
    fn lists_are_filtered_ordered_and_cut() {
        let store = Scratch::with_modules();
        let list = |query: &str, order, offset| {
            let filter = ModuleFilter { owner: Some(owner_id(1)), query: Some(query.into()), visible_to: None };
            let page = store.list_modules(&filter, order, offset, 1).unwrap();
            (names(&page), page.next)
        };
        assert_eq!(list("", Order::NewestFirst, 0), (vec!["acme/shop".into()], Some(1)));
        assert_eq!(list("", Order::NewestFirst, 1), (vec!["acme/pets".into()], None));
        assert_eq!(list("", Order::NewestFirst, 2), (vec![], None));
        assert_eq!(list("ME/SH", Order::OldestFirst, 0), (vec!["acme/shop".into()], None));
        assert_eq!(list("About ACME/p", Order::UpdatedLast, 0), (vec!["acme/pets".into()], None));
        assert_eq!(list("%", Order::UpdatedFirst, 0), (vec![], None));
    }

    #[test]
    fn a_module_that_others_need_stays() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[Dependency { commit: commit_id(1), direct: true }], vec![]);
        assert_eq!(store.dependants(module_id(1)).unwrap(), [module_id(2)]);
        let error = store.delete_modules(&[module_id(1)]).unwrap_err();
        assert!(matches!(error, StoreError::HasDependants { .. }));
        assert!(error.to_string().starts_with("module acme/pets is a dependency of acme/shop;"), "{error}");
        store.delete_modules(&[module_id(2)]).unwrap();
        store.delete_modules(&[module_id(1)]).unwrap();
        assert!(matches!(store.delete_modules(&[module_id(1)]), Err(StoreError::Missing(_))));
    }

    #[test]
    fn modules_are_deleted_together_or_not_at_all() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[Dependency { commit: commit_id(1), direct: true }], vec![]);
        let error = store.delete_modules(&[module_id(2), module_id(9)]).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)) && store.module_by_id(module_id(2)).unwrap().is_some());
        store.delete_modules(&[module_id(1), module_id(2)]).unwrap();
        assert_eq!(store.stats().unwrap().modules, 0);
    }

    #[test]
    fn a_deleted_module_leaves_nothing_behind() {
        let store = Scratch::with_modules();
        let needs = [key(1, "prost")];
        let jobs = vec![new_job(1, "pets", "prost", &[]), new_job(1, "pets", "tonic", &needs)];
        store.push_one(1, 1, &[], jobs);
        let job = store.claim(at(3)).unwrap();
        store.publish_sdk(job.claim(), &sdk(&job, 1, b"crate"), b"crate", at(4)).unwrap();
        let interest = Interest {
            module: module_id(1),
            plugin: needs[0].plugin.clone(),
            version: None,
            label: "main".parse().unwrap(),
            created: at(1),
            created_by: None,
        };
        store.register_interest(&interest).unwrap();
        store.delete_modules(&[module_id(1)]).unwrap();
        let tables = [
            "commits",
            "commit_files",
            "blobs",
            "labels",
            "label_events",
            "crates",
            "sdk_jobs",
            "job_needs",
            "sdks",
            "crate_blobs",
            "interests",
        ];
        for table in tables {
            let left = store.read("test", |conn| {
                crate::store::db::statements::query::count(conn, &format!("SELECT count(*) FROM {table}"), [])
            });
            assert_eq!(left.unwrap(), 0, "{table}");
        }
        assert!(matches!(
            store.fail_job(JobClaim { job: job.id + 1, ..job.claim() }, "gone", at(5), None),
            Err(StoreError::Missing(_))
        ));
    }
}
