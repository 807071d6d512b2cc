//! Compile checks: SDKs that `cargo check` accepted before they were published.

use super::sdk_key::{IS_KEY, SdkKey, key_columns};
use crate::model::Timestamp;
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, params};
use crate::store::db::error::Result;
use crate::store::db::statements::query::{one, run};

/// A check that an SDK has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkCheck {
    /// The output of `cargo --version`.
    pub compiler: String,
    /// The time of the check.
    pub at: Timestamp,
}

impl Store {
    /// Records that an SDK compiles.
    ///
    /// # Errors
    /// [`StoreError::Missing`](crate::store::StoreError::Missing) if there is no such commit.
    pub fn record_check(&self, key: &SdkKey, check: &SdkCheck) -> Result<()> {
        self.write_quietly("record the check of an SDK", |conn| {
            let sql = "INSERT INTO sdk_checks VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT (commit_id, plugin, version, revision)
                       DO UPDATE SET compiler = excluded.compiler, at = excluded.at";
            let values = params![key.commit, key.plugin, key.version, key.revision, check.compiler, check.at];
            run(conn, sql, values)?;
            Ok(())
        })
    }

    /// The check that an SDK has passed, if any.
    pub fn sdk_check(&self, key: &SdkKey) -> Result<Option<SdkCheck>> {
        self.read("look up the check of an SDK", |conn| {
            let sql = format!("SELECT compiler, at FROM sdk_checks WHERE {IS_KEY}");
            let read = |row: &Row<'_>| Ok(SdkCheck { compiler: row.get(0)?, at: row.get(1)? });
            one(conn, &sql, key_columns(key), read)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, key, module_id};

    #[test]
    fn a_check_is_kept_with_its_sdk() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        let key = key(1, "prost");
        assert_eq!(store.sdk_check(&key).unwrap(), None);
        let check = SdkCheck { compiler: "cargo 1.95.0".into(), at: at(3) };
        store.record_check(&key, &check).unwrap();
        assert_eq!(store.sdk_check(&key).unwrap(), Some(check));
        store.delete_modules(&[module_id(1)]).unwrap();
        assert_eq!(store.sdk_check(&key).unwrap(), None);
    }
}
