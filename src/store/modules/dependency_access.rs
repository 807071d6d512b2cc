//! Access to the dependencies of a commit. A descriptor set or a crate of a commit reveals content of every module that
//! the commit depends on. A public module depends on public modules only. A private module may depend on private
//! modules of several owners, and a registry may hold commits that are older than this rule.

use super::visibility::{VISIBLE, Viewer, Visibility, read_name, viewer_columns};
use crate::model::{CommitId, ModuleId, ModuleName, OwnerId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, named_params, params};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::query::{all, exists};

/// The modules of dependencies; `commit_dependencies.commit_id` is the commit that depends on them.
const NEEDED: &str = "FROM commit_dependencies JOIN commits ON commits.id = dependency_id
    JOIN modules ON modules.id = commits.module_id JOIN owners ON owners.id = modules.owner_id";

/// The condition that the commit in column `commit` depends on a module that the viewer of [`viewer_columns`] may not
/// read.
pub(in crate::store) fn has_hidden_dependency(commit: &str) -> String {
    // For an anonymous viewer the condition is NULL, not false.
    format!("EXISTS (SELECT 1 {NEEDED} WHERE commit_dependencies.commit_id = {commit} AND {VISIBLE} IS NOT TRUE)")
}

/// Refuses a public module with a commit that depends on a private module; with `commit`, only that commit is checked.
pub(in crate::store) fn check_dependencies_public(
    conn: &Connection,
    module: ModuleId,
    commit: Option<CommitId>,
) -> Work<()> {
    let sql = format!(
        "SELECT DISTINCT owners.name AS owner_name, modules.name {NEEDED}
         WHERE modules.visibility = 'private' AND (SELECT visibility FROM modules WHERE id = ?1) = 'public'
             AND commit_dependencies.commit_id IN
                 (SELECT id FROM commits AS own WHERE own.module_id = ?1 AND (?2 IS NULL OR own.id = ?2))
         ORDER BY 1, 2"
    );
    let private = all(conn, &sql, params![module, commit], read_name)?;
    if private.is_empty() {
        return Ok(());
    }
    Err(StoreError::NeedsPrivate { module: name(conn, module)?, private }.into())
}

/// Refuses a private module that a commit of a public module depends on.
pub(in crate::store) fn check_no_public_dependants(conn: &Connection, module: ModuleId) -> Work<()> {
    let sql = "SELECT DISTINCT owners.name AS owner_name, dependant.name
        FROM commits AS needed JOIN commit_dependencies ON dependency_id = needed.id
        JOIN commits ON commits.id = commit_id JOIN modules AS dependant ON dependant.id = commits.module_id
        JOIN owners ON owners.id = dependant.owner_id
        WHERE needed.module_id = ?1 AND dependant.visibility = 'public'
            AND (SELECT visibility FROM modules WHERE id = ?1) = 'private'
        ORDER BY 1, 2";
    let public = all(conn, sql, [module], read_name)?;
    if public.is_empty() {
        return Ok(());
    }
    Err(StoreError::NeededByPublic { module: name(conn, module)?, public }.into())
}

fn name(conn: &Connection, module: ModuleId) -> Work<ModuleName> {
    let sql = "SELECT modules.name, owners.name AS owner_name FROM modules JOIN owners ON owners.id = owner_id
               WHERE modules.id = ?1";
    let mut names = all(conn, sql, [module], read_name)?;
    names.pop().ok_or_else(|| StoreError::Missing(format!("module {module}")).into())
}

impl Store {
    /// Whether `viewer` may read the module. An anonymous viewer reads public modules; without a viewer, there is no
    /// restriction.
    pub fn may_read(&self, viewer: Option<Viewer>, module: ModuleId) -> Result<bool> {
        let (everything, viewer) = viewer_columns(viewer);
        let sql = format!("SELECT 1 FROM modules WHERE id = :module AND {VISIBLE}");
        self.read("look up a module", |conn| {
            exists(conn, &sql, named_params! { ":module": module, ":everything": everything, ":viewer": viewer })
        })
    }

    /// Whether `viewer` may read every module that a commit depends on.
    pub fn may_read_dependencies(&self, viewer: Option<Viewer>, commit: CommitId) -> Result<bool> {
        let (everything, viewer) = viewer_columns(viewer);
        if everything {
            return Ok(true);
        }
        let sql = format!("SELECT 1 WHERE {}", has_hidden_dependency(":commit"));
        self.read("look up dependencies", |conn| {
            let values = named_params! { ":commit": commit, ":everything": everything, ":viewer": viewer };
            Ok(!exists(conn, &sql, values)?)
        })
    }

    /// The commits of `module` that depend on private modules, with the owners of these modules. Modules that every
    /// reader of `module` may read do not count.
    pub fn private_dependencies(
        &self,
        module: ModuleId,
        owner: OwnerId,
        visibility: Visibility,
    ) -> Result<Vec<(CommitId, OwnerId)>> {
        let public = visibility == Visibility::Public;
        self.read("look up dependencies", |conn| {
            // Most registries have no such module, so no commit needs to be read.
            let others = "SELECT 1 FROM modules WHERE visibility = 'private' AND (?1 OR owner_id <> ?2)";
            if !exists(conn, others, params![public, owner])? {
                return Ok(vec![]);
            }
            let sql = format!(
                "SELECT DISTINCT commit_dependencies.commit_id, modules.owner_id {NEEDED}
                 WHERE modules.visibility = 'private' AND (?1 OR modules.owner_id <> ?2)
                     AND commit_dependencies.commit_id IN (SELECT id FROM commits AS own WHERE own.module_id = ?3)"
            );
            all(conn, &sql, params![public, owner, module], |row| Ok((row.get(0)?, row.get(1)?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::modules::commit::Dependency;
    use crate::store::modules::module::Module;
    use crate::store::testing::{Scratch, commit_id, module, module_id, owner, owner_id};

    /// `acme/shop` (2), whose commit 2 needs commit 1 of `acme/pets` (1).
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[Dependency { commit: commit_id(1), direct: true }], vec![]);
        store
    }

    fn pets(visibility: Visibility) -> Module {
        Module { visibility, ..module(1, "acme/pets", 1) }
    }

    fn shop(visibility: Visibility) -> Module {
        Module { visibility, ..module(2, "acme/shop", 1) }
    }

    #[test]
    fn visibility_is_changed_together_or_in_the_right_order() {
        use Visibility::{Private, Public};
        let store = store();
        let error = store.update_modules(&[pets(Private)]).unwrap_err();
        assert!(matches!(error, StoreError::NeededByPublic { .. }), "{error}");
        store.update_modules(&[pets(Private), shop(Private)]).unwrap();
        let error = store.update_modules(&[shop(Public)]).unwrap_err();
        assert!(matches!(error, StoreError::NeedsPrivate { .. }), "{error}");
        store.update_modules(&[shop(Public), pets(Public)]).unwrap();
    }

    #[test]
    fn a_public_module_gets_no_commit_that_needs_a_private_one() {
        let store = Scratch::with_modules();
        store.update_modules(&[pets(Visibility::Private)]).unwrap();
        store.push_one(1, 1, &[], vec![]);
        let needs = [Dependency { commit: commit_id(1), direct: false }];
        let error = store.try_push_one(2, 2, &needs).unwrap_err();
        assert!(error.to_string().contains("acme/pets"), "{error}");
        assert_eq!(store.commit(commit_id(2)).unwrap(), None);
    }

    #[test]
    fn what_a_commit_needs_is_read_by_those_who_may_read_all_of_it() {
        let store = store();
        store.create_owner(&owner(5, "guest")).unwrap();
        let reads = |viewer| store.may_read_dependencies(viewer, commit_id(2)).unwrap();
        let private = |visibility| store.private_dependencies(module_id(2), owner_id(1), visibility);
        assert!(reads(Some(Viewer::Anonymous)));
        assert_eq!(private(Visibility::Public).unwrap(), []);
        // As an older program left it.
        store.set_visibility_unchecked(module_id(1), "private");
        assert!(!reads(Some(Viewer::Anonymous)) && !reads(Some(Viewer::User(owner_id(5)))));
        assert!(reads(Some(Viewer::User(owner_id(1)))) && reads(None));
        assert_eq!(private(Visibility::Public).unwrap(), [(commit_id(2), owner_id(1))]);
        assert_eq!(private(Visibility::Private).unwrap(), [], "its readers read the other one too");
        // A description can still be changed.
        store.update_modules(&[Module { description: "new".into(), ..shop(Visibility::Public) }]).unwrap();
    }
}
