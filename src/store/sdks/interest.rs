//! Interests: the plugins that generate on every push to a label.

use rusqlite::{Row, params};

use crate::model::{LabelName, ModuleId, OwnerId, PluginName, PluginVersion, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::error::Result;
use crate::store::db::query::{all, exists, run};
use crate::store::db::transaction::Transaction;

/// The wish that SDKs of a label's commits are made eagerly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// The module.
    pub module: ModuleId,
    /// The plugin.
    pub plugin: PluginName,
    /// The plugin's version; the newest if absent.
    pub version: Option<PluginVersion>,
    /// The label whose commits it generates.
    pub label: LabelName,
    /// When it was registered.
    pub created: Timestamp,
    /// The user that created it, if one was signed in.
    pub created_by: Option<OwnerId>,
}

fn read_interest(row: &Row<'_>) -> rusqlite::Result<Interest> {
    let newest = row.get_ref("version")?.as_str()?.is_empty();
    Ok(Interest {
        module: row.get("module_id")?,
        plugin: row.get("plugin")?,
        version: if newest { None } else { Some(row.get("version")?) },
        label: row.get("label")?,
        created: row.get("created")?,
        created_by: row.get("created_by")?,
    })
}

/// The column `version`: it is part of the key, where a null would equal nothing.
fn version_column(version: Option<PluginVersion>) -> String {
    version.map_or_else(String::new, |version| version.to_string())
}

impl Store {
    /// The interests in a module, by plugin, version and label.
    pub fn interests(&self, module: ModuleId) -> Result<Vec<Interest>> {
        self.read("list interests", |conn| {
            let sql = "SELECT * FROM interests WHERE module_id = ?1 ORDER BY plugin, version, label";
            all(conn, sql, [module], read_interest)
        })
    }

    /// The interests in the default labels of all modules, the oldest first.
    pub fn default_label_interests(&self) -> Result<Vec<Interest>> {
        self.read("list interests", |conn| {
            let sql = "SELECT interests.* FROM interests JOIN modules ON modules.id = module_id
                       WHERE label = default_label ORDER BY interests.created, module_id, plugin, version";
            all(conn, sql, [], read_interest)
        })
    }

    /// Whether anybody is interested in SDKs of a module by a plugin, in whatever version and on whatever label.
    pub fn has_interest(&self, module: ModuleId, plugin: &PluginName) -> Result<bool> {
        self.read("look up an interest", |conn| {
            exists(conn, "SELECT 1 FROM interests WHERE module_id = ?1 AND plugin = ?2", params![module, plugin])
        })
    }
}

impl Transaction<'_> {
    /// Registers an interest; `false` if it was there.
    ///
    /// # Errors
    /// [`StoreError::Missing`](crate::store::StoreError::Missing) if there is no such module.
    pub fn register_interest(&self, interest: &Interest) -> Result<bool> {
        self.run(|conn| {
            let (module, plugin, label) = (interest.module, &interest.plugin, &interest.label);
            let version = version_column(interest.version);
            let values = params![module, plugin, version, label, interest.created, interest.created_by];
            let sql = "INSERT INTO interests VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
            Ok(run(conn, sql, values)? > 0)
        })
    }

    /// Ends an interest; `false` if there was none.
    pub fn remove_interest(
        &self,
        module: ModuleId,
        plugin: &PluginName,
        version: Option<PluginVersion>,
        label: &LabelName,
    ) -> Result<bool> {
        self.run(|conn| {
            let sql = "DELETE FROM interests WHERE module_id = ?1 AND plugin = ?2 AND version = ?3 AND label = ?4";
            Ok(run(conn, sql, params![module, plugin, version_column(version), label])? > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::error::StoreError;
    use crate::store::testing::{Scratch, at, module_id, owner_id};

    #[test]
    fn an_interest_is_registered_once_per_version() {
        let store = Scratch::with_modules();
        let newest = Interest {
            module: module_id(1),
            plugin: "community/prost".parse().unwrap(),
            version: None,
            label: "main".parse().unwrap(),
            created: at(1),
            created_by: Some(owner_id(1)),
        };
        let pinned = Interest { version: Some("v0.5.0".parse().unwrap()), created_by: None, ..newest.clone() };
        assert!(!store.has_interest(module_id(1), &newest.plugin).unwrap());
        assert!(store.register_interest(&pinned).unwrap());
        assert!(store.register_interest(&newest).unwrap());
        assert!(!store.register_interest(&Interest { created: at(2), ..newest.clone() }).unwrap());
        assert_eq!(store.interests(module_id(1)).unwrap(), [newest.clone(), pinned.clone()]);
        assert!(store.has_interest(module_id(1), &newest.plugin).unwrap());
        let remove = |version| store.remove_interest(module_id(1), &newest.plugin, version, &newest.label).unwrap();
        assert!(remove(None) && !remove(None) && remove(pinned.version));
        assert!(!store.has_interest(module_id(1), &newest.plugin).unwrap());
        let nowhere = Interest { module: module_id(9), ..newest };
        assert!(matches!(store.register_interest(&nowhere), Err(StoreError::Missing(_))));
    }
}
