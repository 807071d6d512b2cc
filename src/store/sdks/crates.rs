//! Crates by name, each with an SDK for every version, and the search for crates.

use super::sdk::by_version;
use crate::model::{CommitId, CrateName, OwnerId, SdkVersion};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, named_params, params};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::query::{all, count, one, run};
use crate::store::db::statements::sql_values::Count;
use crate::store::modules::dependency_access::has_hidden_dependency;
use crate::store::modules::visibility::{VISIBLE, Viewer, viewer_columns};

/// The result of a search for crates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrateMatches {
    /// The first matches by name, each with its newest version that is not yanked; if all are yanked, with its newest
    /// version.
    pub crates: Vec<(CrateName, SdkVersion)>,
    /// The number of all matches.
    pub total: u64,
}

/// The row id of a crate of the commit's module; creates the row if it does not exist.
pub(in crate::store) fn ensure_crate(conn: &Connection, name: &CrateName, commit: CommitId) -> Work<i64> {
    let sql = "INSERT INTO crates (name, folded, module_id) SELECT ?1, ?2, module_id FROM commits WHERE id = ?3
               ON CONFLICT (name) DO NOTHING";
    run(conn, sql, params![name, fold(&name.to_string()), commit])?;
    let sql = "SELECT crates.id FROM crates JOIN commits USING (module_id) WHERE name = ?1 AND commits.id = ?2";
    let id = one(conn, sql, params![name, commit], |row| row.get(0))?;
    id.ok_or_else(|| StoreError::Missing(format!("commit {commit} of the module of crate {name}")).into())
}

/// The spelling in the column `crates.folded`: lower case, no hyphens.
pub(in crate::store) fn fold(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// The newest version that is not yanked, or the newest version if all are yanked, among the versions whose
/// dependencies the viewer may read.
fn newest(conn: &Connection, name: &CrateName, viewer: (bool, Option<OwnerId>)) -> Work<Option<SdkVersion>> {
    let sql = format!(
        "SELECT crate_version, yanked FROM sdks JOIN crates ON crates.id = crate_id
         WHERE name = :name AND NOT {}",
        has_hidden_dependency("sdks.commit_id")
    );
    let values = named_params! { ":name": name, ":everything": viewer.0, ":viewer": viewer.1 };
    let versions: Vec<(SdkVersion, bool)> = all(conn, &sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let best =
        versions.into_iter().max_by(|(a, a_yanked), (b, b_yanked)| b_yanked.cmp(a_yanked).then_with(|| a.cmp(b)));
    Ok(best.map(|(version, _)| version))
}

impl Store {
    /// Crates with a published version whose name contains `query`, ignoring case and the difference of `-` and `_`.
    pub fn search_crates(&self, query: &str, visible_to: Option<Viewer>, limit: u64) -> Result<CrateMatches> {
        let (everything, viewer) = viewer_columns(visible_to);
        let found = format!(
            "FROM crates JOIN modules ON modules.id = module_id
             WHERE instr(folded, :query) > 0 AND {VISIBLE} AND EXISTS
                 (SELECT 1 FROM sdks WHERE crate_id = crates.id AND NOT {})",
            has_hidden_dependency("sdks.commit_id")
        );
        let query = fold(query);
        self.read("search crates", |conn| {
            let values = named_params! { ":query": query, ":everything": everything, ":viewer": viewer };
            let total = count(conn, &format!("SELECT count(*) {found}"), values)?;
            let values = named_params! {
                ":query": query, ":everything": everything, ":viewer": viewer, ":limit": Count(limit),
            };
            let sql = format!("SELECT crates.name {found} ORDER BY crates.name LIMIT :limit");
            let names: Vec<CrateName> = all(conn, &sql, values, |row| row.get(0))?;
            let mut crates = Vec::new();
            for name in names {
                let Some(version) = newest(conn, &name, (everything, viewer))? else { continue };
                let shown = by_version(conn, &name, &version)?;
                crates.extend(shown.map(|sdk| (sdk.crate_name, sdk.version)));
            }
            Ok(CrateMatches { crates, total })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::jobs::job::Job;
    use crate::store::modules::module::Module;
    use crate::store::modules::visibility::Visibility;
    use crate::store::testing::{Scratch, at, key, module, new_job, owner_id, sdk};

    /// `acme/pets` with commits 1 and 2, and a running job for the crate of each by `prost`.
    fn store() -> (Scratch, Job, Job) {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        store.push_one(2, 1, &[], vec![new_job(2, "pets", "prost", &[])]);
        let first = store.claim(at(3)).unwrap();
        let second = store.claim(at(3)).unwrap();
        (store, first, second)
    }

    #[test]
    fn a_yanked_version_is_not_the_newest() {
        let (store, first, second) = store();
        let (old, new) = (sdk(&first, 1, b"old"), sdk(&second, 1, b"newer"));
        store.publish_sdk(first.claim(), &old, b"old", at(5)).unwrap();
        store.publish_sdk(second.claim(), &new, b"newer", at(5)).unwrap();
        let found = || store.search_crates("PETS-community", None, 10).unwrap();
        let name = &old.crate_name;
        assert_eq!(found(), CrateMatches { crates: vec![(name.clone(), new.version.clone())], total: 1 });
        assert!(store.set_yanked(&new.key, true).unwrap());
        assert!(store.sdk(&new.key).unwrap().unwrap().yanked);
        assert_eq!(found().crates, [(name.clone(), old.version.clone())]);
        assert!(store.set_yanked(&old.key, true).unwrap());
        assert_eq!(found().crates, [(name.clone(), new.version.clone())]);
        assert!(!store.set_yanked(&old.key, true).unwrap(), "it is yanked already");
        assert!(!store.set_yanked(&key(9, "prost"), true).unwrap());
    }

    #[test]
    fn crates_are_searched_among_those_that_exist_and_may_be_seen() {
        let (store, first, _) = store();
        assert_eq!(store.search_crates("", None, 10).unwrap().total, 0);
        store.publish_sdk(first.claim(), &sdk(&first, 1, b"old"), b"old", at(5)).unwrap();
        let seen = |viewer| store.search_crates("acme", viewer, 10).unwrap().total;
        assert_eq!(seen(Some(Viewer::Anonymous)), 1);
        store.update_modules(&[Module { visibility: Visibility::Private, ..module(1, "acme/pets", 1) }]).unwrap();
        assert_eq!(seen(Some(Viewer::Anonymous)), 0);
        assert_eq!(seen(Some(Viewer::User(owner_id(1)))), 1);
    }
}
