//! Types and files that two modules of one owner have, at the heads of their default labels.

use std::collections::BTreeSet;

use super::search_index::folded;
use super::visibility::read_name;
use crate::model::{CommitId, ModuleId, ModuleName, OwnerId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, params};
use crate::store::db::error::Result;
use crate::store::db::statements::query::all;

/// The most modules that are looked up for one type.
const MOST_OF_ONE: u32 = 8;

/// The most namesakes that are looked up: whoever has more has enough to read.
const MOST: usize = 200;

/// The modules of an owner, but for one of them if it exists.
pub type OtherModules = (OwnerId, Option<ModuleId>);

impl Store {
    /// Those of `types`, by full name, that a module of `owner` other than `except` declares, with each that does.
    pub fn types_elsewhere(
        &self,
        (owner, except): OtherModules,
        types: &[String],
    ) -> Result<Vec<(String, ModuleName)>> {
        let sql = "SELECT modules.name, owners.name AS owner_name FROM symbols JOIN modules ON modules.id = module_id
                   JOIN owners ON owners.id = owner_id WHERE folded = ?1 AND symbols.name = ?2
                   AND symbols.kind IN ('message', 'enum', 'service') AND owner_id = ?3 AND module_id IS DISTINCT FROM ?4
                   ORDER BY modules.name LIMIT ?5";
        self.read("look for namesakes", |conn| {
            let mut found = vec![];
            for name in types {
                let values = params![folded(name), name, owner, except, MOST_OF_ONE];
                found.extend(all(conn, sql, values, read_name)?.into_iter().map(|other| (name.clone(), other)));
                if found.len() >= MOST {
                    break;
                }
            }
            Ok(found)
        })
    }

    /// Those of `paths` that a module of `owner` other than `except` has, with each that does.
    pub fn files_elsewhere(
        &self,
        (owner, except): OtherModules,
        paths: &BTreeSet<&str>,
    ) -> Result<Vec<(String, ModuleName)>> {
        let heads = "SELECT commit_id, modules.name, owners.name AS owner_name FROM modules
                     JOIN owners ON owners.id = owner_id
                     JOIN labels ON labels.module_id = modules.id AND labels.name = default_label
                     WHERE owner_id = ?1 AND modules.id IS DISTINCT FROM ?2 ORDER BY modules.name";
        self.read("look for namesakes", |conn| {
            let read = |row: &Row<'_>| Ok((row.get::<_, CommitId>("commit_id")?, read_name(row)?));
            let mut found = vec![];
            for (commit, other) in all(conn, heads, params![owner, except], read)? {
                let sql = "SELECT path FROM commit_files WHERE commit_id = ?1 ORDER BY path";
                let files = all(conn, sql, [commit], |row| row.get::<_, String>(0))?;
                let shared = files.into_iter().filter(|path| paths.contains(path.as_str()));
                found.extend(shared.map(|path| (path, other.clone())));
                if found.len() >= MOST {
                    break;
                }
            }
            found.truncate(MOST);
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, label, module, owner, owner_id};
    use crate::store::{IndexedModule, IndexedSymbol, LabelMove, Symbol, SymbolKind, WriteSet};

    fn others(module: &crate::store::Module) -> OtherModules {
        (module.owner, Some(module.id))
    }

    #[test]
    fn namesakes_are_those_of_other_modules_of_the_same_owner() {
        let store = Scratch::with_modules();
        store.create_owner(&owner(2, "zoo")).unwrap();
        store.create_module(&module(3, "zoo/pets", 2)).unwrap();
        for n in [1, 3] {
            store.push_one(n, n, &[], vec![]);
            let name = "acme.Dog".to_owned();
            let symbol = Symbol { kind: SymbolKind::Message, package: "acme".into(), name };
            let symbols = vec![IndexedSymbol { symbol, details: vec![] }];
            let indexed = vec![IndexedModule { module: module(n, "acme/pets", 1).id, symbols }];
            let labels: Vec<LabelMove> = vec![LabelMove { label: label(n, n, "main", n), is_new: false }];
            store
                .push(&WriteSet { commits: vec![], labels, jobs: vec![], indexed, at: at(9), by: owner_id(1) })
                .unwrap();
        }
        let types = ["acme.Dog".to_owned(), "acme.Cat".to_owned()];
        let paths = BTreeSet::from(["a.proto", "b.proto"]);
        let pets: ModuleName = "acme/pets".parse().unwrap();
        let shop = module(2, "acme/shop", 1);
        assert_eq!(store.types_elsewhere(others(&shop), &types).unwrap(), [("acme.Dog".into(), pets.clone())]);
        assert_eq!(store.files_elsewhere(others(&shop), &paths).unwrap(), [("a.proto".into(), pets)]);
        let pets = module(1, "acme/pets", 1);
        assert!(store.types_elsewhere(others(&pets), &types).unwrap().is_empty());
        assert!(store.files_elsewhere(others(&pets), &paths).unwrap().is_empty());
    }
}
