//! What owners and modules say about pushes: the gate before a release, and names that must be unique.

use crate::model::{GatePolicy, ModuleId, OwnerId, UniqueNames};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{one, run};
use crate::store::db::transaction::Transaction;

/// The settings of an owner; absent ones are those of the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnerSettings {
    /// The gate before a release of the owner's modules.
    pub breaking: Option<GatePolicy>,
    /// What is done with names that another module of the owner has.
    pub unique_names: Option<UniqueNames>,
}

fn owner_settings(conn: &Connection, owner: OwnerId) -> Work<OwnerSettings> {
    let sql = "SELECT breaking, unique_names FROM owner_settings WHERE owner_id = ?1";
    let found = one(conn, sql, [owner], |row| {
        Ok(OwnerSettings { breaking: row.get("breaking")?, unique_names: row.get("unique_names")? })
    })?;
    Ok(found.unwrap_or_default())
}

fn module_gate(conn: &Connection, module: ModuleId) -> Work<Option<GatePolicy>> {
    let sql = "SELECT breaking FROM module_settings WHERE module_id = ?1";
    Ok(one(conn, sql, [module], |row| row.get(0))?.flatten())
}

impl Store {
    /// The settings of an owner.
    pub fn owner_settings(&self, owner: OwnerId) -> Result<OwnerSettings> {
        self.read("look up settings", |conn| owner_settings(conn, owner))
    }

    /// The gate of a module's own, if it has one.
    pub fn module_gate(&self, module: ModuleId) -> Result<Option<GatePolicy>> {
        self.read("look up settings", |conn| module_gate(conn, module))
    }
}

impl Transaction<'_> {
    /// The settings of an owner, as [`Store::owner_settings`].
    pub fn owner_settings(&self, owner: OwnerId) -> Result<OwnerSettings> {
        self.run(|conn| owner_settings(conn, owner))
    }

    /// Replaces the settings of an owner.
    ///
    /// # Errors
    /// [`Missing`](crate::store::StoreError::Missing) if there is no such owner.
    pub fn set_owner_settings(&self, owner: OwnerId, settings: &OwnerSettings) -> Result<()> {
        self.run(|conn| {
            let values = params![owner, settings.breaking, settings.unique_names];
            let sql = "INSERT INTO owner_settings VALUES (?1, ?2, ?3) ON CONFLICT (owner_id) DO UPDATE
                       SET breaking = excluded.breaking, unique_names = excluded.unique_names";
            run(conn, sql, values)?;
            Ok(())
        })
    }

    /// Gives a module a gate of its own, or takes it away. Returns the one before.
    ///
    /// # Errors
    /// [`Missing`](crate::store::StoreError::Missing) if there is no such module.
    pub fn set_module_gate(&self, module: ModuleId, gate: Option<&GatePolicy>) -> Result<Option<GatePolicy>> {
        self.run(|conn| {
            let before = module_gate(conn, module)?;
            let sql = "INSERT INTO module_settings VALUES (?1, ?2)
                       ON CONFLICT (module_id) DO UPDATE SET breaking = excluded.breaking";
            run(conn, sql, params![module, gate])?;
            Ok(before)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;
    use crate::store::testing::{Scratch, at, module_id, owner_id};

    #[test]
    fn settings_are_kept_and_go_with_their_subject() {
        let store = Scratch::with_modules();
        assert_eq!(store.owner_settings(owner_id(1)).unwrap(), OwnerSettings::default());
        assert_eq!(store.module_gate(module_id(1)).unwrap(), None);
        let gate: GatePolicy = "refuse:wire_json,rust unstable-exempt".parse().unwrap();
        let settings = OwnerSettings { breaking: Some(gate.clone()), unique_names: Some(UniqueNames::Warn) };
        let change = |gate: Option<&GatePolicy>| store.transaction("test", |tx| tx.set_module_gate(module_id(1), gate));
        store.transaction("test", |tx| tx.set_owner_settings(owner_id(1), &settings)).unwrap();
        assert_eq!(change(Some(&gate)).unwrap(), None);
        assert_eq!(store.module_gate(module_id(1)).unwrap(), Some(gate.clone()));
        assert_eq!(store.owner_settings(owner_id(1)).unwrap(), settings);
        assert_eq!(change(None).unwrap(), Some(gate));
        assert_eq!(store.module_gate(module_id(1)).unwrap(), None);
        store.delete_modules(&[module_id(1), module_id(2)]).unwrap();
        assert!(matches!(change(None), Err(StoreError::Missing(_))));
        store.delete_owner(owner_id(1), at(50)).unwrap();
        assert_eq!(store.owner_settings(owner_id(1)).unwrap(), OwnerSettings::default());
    }
}
