//! The modules whose current release has a crate of a plugin.

use crate::model::{ModuleName, PluginName};
use crate::store::db::connections::Store;
use crate::store::db::engine::named_params;
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

/// A module with crates of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginUser {
    /// The module.
    pub module: ModuleName,
    /// The number of its SDKs by the plugin, of all versions and commits.
    pub sdks: u64,
    /// Recent downloads of them.
    pub downloads: u64,
}

/// The use of a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PluginUsage {
    /// The modules whose crates were downloaded most, first.
    pub first: Vec<PluginUser>,
    /// The number of all modules with an SDK.
    pub modules: u64,
    /// The number of all SDKs.
    pub sdks: u64,
}

impl Store {
    /// The modules that the viewer may see with SDKs by `plugin`, the most downloaded since the day `since` first, no
    /// more than `limit`; and the numbers of all.
    pub fn plugin_usage(
        &self,
        plugin: &PluginName,
        visible_to: Option<Viewer>,
        since: i64,
        limit: u64,
    ) -> Result<PluginUsage> {
        let (everything, viewer) = viewer_columns(visible_to);
        // The name of a crate is that of its module and of its plugin.
        let suffix = format!("_{}", plugin.to_string().replace('/', "_"));
        let sql = format!(
            "SELECT owner_name, name, made, taken, CAST(sum(made) OVER () AS BIGINT) AS sdks, count(*) OVER () AS modules FROM
                 (SELECT owners.name AS owner_name, modules.name AS name,
                         (SELECT count(*) FROM sdks WHERE crate_id = crates.id) AS made,
                         (SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM downloads
                          WHERE crate_id = crates.id AND day >= :since) AS taken
                  FROM crates JOIN modules ON modules.id = crates.module_id JOIN owners ON owners.id = modules.owner_id
                  WHERE substr(crates.name, length(crates.name) - length(:suffix) + 1) = :suffix AND {VISIBLE}) AS used
             WHERE made > 0 ORDER BY taken DESC, made DESC, owner_name, name LIMIT :limit"
        );
        self.read("look up the use of a plugin", |conn| {
            let values = named_params! {
                ":suffix": suffix, ":everything": everything, ":viewer": viewer, ":since": since,
                ":limit": Count(limit),
            };
            let rows = all(conn, &sql, values, |row| {
                let count = |column| row.get::<_, Count>(column).map(|Count(count)| count);
                let user = PluginUser { module: read_name(row)?, sdks: count("made")?, downloads: count("taken")? };
                Ok((user, count("modules")?, count("sdks")?))
            })?;
            let (modules, sdks) = rows.first().map_or((0, 0), |(_, modules, sdks)| (*modules, *sdks));
            Ok(PluginUsage { first: rows.into_iter().map(|(user, ..)| user).collect(), modules, sdks })
        })
    }

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
    use crate::store::modules::module::Module;
    use crate::store::modules::visibility::Visibility;
    use crate::store::testing::{Scratch, at, module, new_job, sdk};

    #[test]
    fn only_modules_whose_head_has_a_crate_of_the_plugin_use_it() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        let job = store.claim(at(3)).unwrap();
        let plugin = job.key.plugin.clone();
        assert_eq!(store.plugin_users(&plugin, None, 5).unwrap(), PluginUsers::default());
        store.publish_sdk(job.claim(), &sdk(&job, 1, b"crate"), b"crate", at(5)).unwrap();
        let users = |viewer| store.plugin_users(&plugin, viewer, 5).unwrap();
        let pets: Vec<ModuleName> = vec!["acme/pets".parse().unwrap()];
        assert_eq!(users(None), PluginUsers { first: pets.clone(), total: 1 });
        assert_eq!(users(Some(Viewer::Anonymous)).first, pets);
        let used = store.plugin_usage(&plugin, Some(Viewer::Anonymous), 0, 5).unwrap();
        let user = PluginUser { module: pets[0].clone(), sdks: 1, downloads: 0 };
        assert_eq!(used, PluginUsage { first: vec![user], modules: 1, sdks: 1 });
        store.update_modules(&[Module { visibility: Visibility::Private, ..module(1, "acme/pets", 1) }]).unwrap();
        let hidden = store.plugin_usage(&plugin, Some(Viewer::Anonymous), 0, 5).unwrap();
        assert_eq!(hidden, PluginUsage::default());
    }
}
