//! Search over the paths of files in the heads of default labels. Files have no index: a bounded number of them is looked
//! at, so the time of a search does not grow with the registry.

use super::visibility::{VISIBLE, Viewer, read_name, viewer_columns};
use crate::model::{LabelName, ModuleName, Snapshot};
use crate::store::db::connections::Store;
use crate::store::db::engine::named_params;
use crate::store::db::error::Result;
use crate::store::db::statements::query::all;
use crate::store::db::statements::sql_values::Count;

/// The most files that are looked at.
const CANDIDATES: u64 = 50_000;

/// A file whose path holds what was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMatch {
    /// Its module.
    pub module: ModuleName,
    /// The module's default label, whose commit holds it.
    pub label: LabelName,
    /// Its path in the module.
    pub path: String,
}

impl Store {
    /// The files whose path holds `query`, by module and path: those that the viewer may read, and no more than `limit`.
    pub fn search_files(&self, query: &str, visible_to: Option<Viewer>, limit: u64) -> Result<Vec<FileMatch>> {
        let (everything, viewer) = viewer_columns(visible_to);
        let query = query.to_ascii_lowercase();
        let sql = format!(
            "SELECT path, name, default_label, owner_name FROM
                 (SELECT path, modules.name AS name, default_label, owners.name AS owner_name
                  FROM modules JOIN owners ON owners.id = owner_id
                  JOIN labels ON labels.module_id = modules.id AND labels.name = default_label
                  JOIN commit_files ON commit_files.commit_id = labels.commit_id
                  WHERE {VISIBLE} LIMIT :candidates) AS candidates
             WHERE instr(lower(path), :query) > 0 ORDER BY owner_name, name, path LIMIT :limit"
        );
        let mut found = self.read("search files", |conn| {
            let values = named_params! {
                ":everything": everything, ":viewer": viewer, ":query": query,
                ":candidates": Count(CANDIDATES), ":limit": Count(limit),
            };
            all(conn, &sql, values, |row| {
                Ok(FileMatch { module: read_name(row)?, label: row.get("default_label")?, path: row.get("path")? })
            })
        })?;
        // They are kept for a digest, and are no files of the module.
        found.retain(|file| !Snapshot::v1_names().contains(&file.path.as_str()));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::modules::module::Module;
    use crate::store::modules::visibility::Visibility;
    use crate::store::testing::{Scratch, module};

    #[test]
    fn files_are_found_by_their_path_for_those_who_may_read_them() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let found = |query: &str, viewer| store.search_files(query, viewer, 10).unwrap();
        let all = found("", None);
        let path = all.first().unwrap().path.clone();
        let name = path.rsplit('/').next().unwrap().to_uppercase();
        assert_eq!(found(&name, Some(Viewer::Anonymous)), all, "{path}");
        assert!(found("no such file", None).is_empty());
        store.update_modules(&[Module { visibility: Visibility::Private, ..module(1, "acme/pets", 1) }]).unwrap();
        assert!(found(&name, Some(Viewer::Anonymous)).is_empty());
        assert_eq!(found(&name, None), all);
    }
}
