//! The versions of a crate row by row: a damaged one says nothing of the others, and may be mended.

use bytes::Bytes;

use super::crate_bytes::{CrateBytes, put_crate_bytes};
use super::sdk_row::{SELECT, Sdk, Stored, read_sdk};
use crate::model::{CrateName, ModuleId, Sha256Digest};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::row_checksum::RowChecksum;
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;

/// What the rows of a crate hold.
#[derive(Debug, Default)]
pub struct CrateRows {
    /// The versions that are whole, in cargo's order.
    pub whole: Vec<Sdk>,
    /// Those that can be read, but are not what was stored.
    pub damaged: Vec<DamagedSdk>,
    /// Everything that is wrong, these among it.
    pub damage: Vec<StoreError>,
}

/// A row that does not have the checksum that it was stored with. Any of its values may be wrong.
#[derive(Debug, Clone)]
pub struct DamagedSdk {
    row: i64,
    sdk: Sdk,
    checksum: RowChecksum,
}

impl DamagedSdk {
    /// What the row says.
    #[must_use]
    pub fn as_read(&self) -> &Sdk {
        &self.sdk
    }

    /// Whether `sdk` is what was stored in this row.
    #[must_use]
    pub fn was(&self, sdk: &Sdk) -> bool {
        self.checksum == RowChecksum::of_sdk(sdk)
    }

    fn damage(&self) -> StoreError {
        StoreError::Damaged(format!("the index line of {} {}", self.sdk.crate_name, self.sdk.version))
    }
}

impl CrateRows {
    fn add(&mut self, stored: Stored) {
        let Stored { id, sdk, checksum } = stored;
        let row = DamagedSdk { row: id, sdk, checksum };
        if row.was(&row.sdk) {
            self.whole.push(row.sdk);
        } else {
            self.damage.push(row.damage());
            self.damaged.push(row);
        }
    }
}

/// Whether the list of versions has lost no row, whatever the rows hold. A checksum that cannot be read is counted as
/// lost.
fn is_complete(conn: &Connection, name: &CrateName) -> Work<bool> {
    let sql = "SELECT row_checksum FROM sdks JOIN crates ON crates.id = crate_id WHERE crates.name = ?1";
    let rows = all(conn, sql, [name], |row| Ok(row.get::<_, RowChecksum>(0).ok()))?;
    let sum = one(conn, "SELECT sdks_checksum FROM crates WHERE name = ?1", [name], |row| row.get(0))?;
    Ok(rows.into_iter().flatten().sum::<RowChecksum>() == sum.unwrap_or_default())
}

impl Store {
    /// The versions of a crate of this module, each by itself. Nothing that is wrong with one hides another.
    pub fn crate_rows(&self, module: ModuleId, name: &CrateName) -> Result<CrateRows> {
        let sql = format!("{SELECT} WHERE crates.name = ?1 AND crates.module_id = ?2");
        self.read("list the versions of a crate", |conn| {
            let mut rows = CrateRows::default();
            for row in all(conn, &sql, params![name, module], |row| Ok(read_sdk(row)))? {
                match row {
                    Ok(stored) => rows.add(stored),
                    Err(error) => {
                        rows.damage.push(StoreError::from_sql("read a version of a crate", self.path(), error));
                    }
                }
            }
            if !is_complete(conn, name)? {
                rows.damage.push(StoreError::Damaged(format!("the list of versions of {name}")));
            }
            rows.whole.sort_by(|a, b| a.version.cmp(&b.version));
            Ok(rows)
        })
    }

    /// The `.crate` file of a damaged row.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it does not have the checksum that the row says.
    pub fn crate_bytes_of_row(&self, damaged: &DamagedSdk) -> Result<Bytes> {
        let found = self.read("read a crate", |conn| CrateBytes::read(conn, damaged.row, &damaged.sdk))?;
        self.crate_bytes_at(found)
    }
}

impl Transaction<'_> {
    /// Stores what a damaged row held, and the bytes of its crate, in place of what is there.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if this is not what was stored, by the checksums of both.
    pub fn put_row_back(&self, damaged: &DamagedSdk, sdk: &Sdk, crate_bytes: &[u8]) -> Result<()> {
        if !damaged.was(sdk) || sdk.checksum != Sha256Digest::of(crate_bytes) {
            return Err(damaged.damage());
        }
        let sql = "UPDATE sdks SET checksum = ?2, size = ?3, unpacked_size = ?4, index_line = ?5, yanked = ?6
                   WHERE id = ?1";
        let (size, unpacked_size) = (Count(sdk.size), Count(sdk.unpacked_size));
        self.run(|conn| {
            conn.put_back(|| {
                let values = params![damaged.row, sdk.checksum, size, unpacked_size, sdk.index_line, sdk.yanked];
                run(conn, sql, values)?;
                put_crate_bytes(conn, damaged.row, crate_bytes)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, module_id, new_job, sdk};

    /// Two versions of a crate.
    fn store() -> (Scratch, [Sdk; 2]) {
        let store = Scratch::with_modules();
        let made = [1, 2].map(|n| {
            store.push_one(n, 1, &[], vec![new_job(n, "pets", "prost", &[])]);
            let job = store.claim(at(3)).unwrap();
            let made = sdk(&job, 1, b"bytes");
            store.publish_sdk(job.claim(), &made, b"bytes", at(4)).unwrap();
            made
        });
        (store, made)
    }

    #[test]
    fn a_damaged_row_hides_no_other_and_gets_back_only_what_it_held() {
        let (store, [first, second]) = store();
        store.change_beside("UPDATE sdks SET index_line = 'x' || index_line, size = 7 WHERE id = 1");
        let rows = store.crate_rows(module_id(1), &first.crate_name).unwrap();
        assert_eq!(rows.whole, [second]);
        let ([damaged], [damage]) = (&rows.damaged[..], &rows.damage[..]) else { panic!("{rows:?}") };
        assert!(damage.is_damage() && damage.to_string().contains("the index line of"), "{damage}");
        assert_eq!(store.crate_bytes_of_row(damaged).unwrap(), "bytes");
        let put_back = |sdk: &Sdk, bytes: &[u8]| store.transaction("test", |tx| tx.put_row_back(damaged, sdk, bytes));
        put_back(damaged.as_read(), b"bytes").unwrap_err();
        put_back(&first, b"others").unwrap_err();
        put_back(&first, b"bytes").unwrap();
        let rows = store.crate_rows(module_id(1), &first.crate_name).unwrap();
        assert_eq!((rows.whole.len(), rows.damage.len()), (2, 0), "{rows:?}");
        assert_eq!(store.sdk(&first.key).unwrap(), Some(first));
        assert_eq!(store.structure_damage(true).unwrap(), Vec::<String>::new(), "the rows have their sum again");
    }

    #[test]
    fn a_row_that_cannot_be_read_and_one_that_is_lost_are_told() {
        let (store, [first, second]) = store();
        store.change_beside("UPDATE sdks SET plugin = 'none' WHERE id = 1");
        let rows = store.crate_rows(module_id(1), &first.crate_name).unwrap();
        assert_eq!((rows.whole, rows.damage.len()), (vec![second], 1), "{:?}", rows.damage);
        store.change_beside("DELETE FROM sdks WHERE id = 2");
        let rows = store.crate_rows(module_id(1), &first.crate_name).unwrap();
        assert!(rows.damage.iter().any(|damage| damage.to_string().contains("the list of versions")), "{rows:?}");
    }
}
