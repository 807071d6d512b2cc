//! The modules whose current release has a crate of a plugin.

use rusqlite::named_params;

use crate::model::{ModuleName, PluginName};
use crate::store::db::connections::Store;
use crate::store::db::error::Result;
use crate::store::db::statements::query::all;
use crate::store::db::statements::sql_values::Count;
use crate::store::modules::visibility::{VISIBLE, Viewer, read_name, viewer_columns};

/// The modules that use a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PluginUsers {
    /// The first of them, by name.
    pub first: Vec<ModuleName>,
    /// The number of all.
    pub total: u64,
}

impl Store {
    /// The modules that the viewer may see, with a crate of `plugin` at the head of their default label; `limit` of them
    /// by name.
    pub fn plugin_users(&self, plugin: &PluginName, visible_to: Option<Viewer>, limit: u64) -> Result<PluginUsers> {
        let (everything, viewer) = viewer_columns(visible_to);
        let sql = format!(
            "SELECT owners.name AS owner_name, modules.name, count(*) OVER () AS total
             FROM modules JOIN owners ON owners.id = modules.owner_id
             JOIN labels ON labels.module_id = modules.id AND labels.name = modules.default_label
             WHERE {VISIBLE} AND EXISTS
                 (SELECT 1 FROM sdks WHERE sdks.commit_id = labels.commit_id AND sdks.plugin = :plugin)
             ORDER BY 1, 2 LIMIT :limit"
        );
        self.read("look up the users of a plugin", |conn| {
            let values = named_params! {
                ":plugin": plugin, ":everything": everything, ":viewer": viewer, ":limit": Count(limit),
            };
            let rows = all(conn, &sql, values, |row| Ok((read_name(row)?, row.get::<_, Count>("total")?.0)))?;
            let total = rows.first().map_or(0, |(_, total)| *total);
            Ok(PluginUsers { first: rows.into_iter().map(|(name, _)| name).collect(), total })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, new_job, sdk};

    #[test]
    fn only_modules_whose_head_has_a_crate_of_the_plugin_use_it() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        let job = store.claim(at(3)).unwrap();
        let plugin = job.key.plugin.clone();
        assert_eq!(store.plugin_users(&plugin, None, 5).unwrap(), PluginUsers::default());
        store.publish_sdk(job.id, &sdk(&job, 1, b"crate"), b"crate", at(5)).unwrap();
        let users = |viewer| store.plugin_users(&plugin, viewer, 5).unwrap();
        let pets: Vec<ModuleName> = vec!["acme/pets".parse().unwrap()];
        assert_eq!(users(None), PluginUsers { first: pets.clone(), total: 1 });
        assert_eq!(users(Some(Viewer::Anonymous)).first, pets);
    }
}
