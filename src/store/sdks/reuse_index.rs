//! Reuse indexes (table `recipes`): the positions of the parts of a large crate, so that the next build can copy them.
//! Each can be lost at any time, and only a few are kept of each crate.

use bytes::Bytes;

use super::sdk::crate_of_sdk;
use crate::model::{CrateName, SdkVersion, Sha256Digest};
use crate::store::db::connections::Store;
use crate::store::db::engine::params;
use crate::store::db::error::{Result, StoreError};
use crate::store::db::statements::query::{one, run};

/// The number of reuse indexes kept for a crate: pushes to a few labels may alternate.
const KEPT: u32 = 4;

impl Store {
    /// Stores the reuse index of a published crate, and removes the oldest reuse indexes of that crate.
    pub fn keep_reuse_index(&self, name: &CrateName, version: &SdkVersion, index: &[u8]) -> Result<()> {
        self.write_quietly("store a reuse index", |conn| {
            let sql = "INSERT INTO recipes SELECT sdks.id, ?3, ?4 FROM sdks
                       JOIN crates ON crates.id = crate_id WHERE crates.name = ?1 AND crate_version = ?2
                       ON CONFLICT (sdk_id) DO UPDATE SET content = excluded.content, digest = excluded.digest";
            run(conn, sql, params![name, version, index, Sha256Digest::of(index)])?;
            let sql = "DELETE FROM recipes WHERE sdk_id IN (
                           SELECT sdk_id FROM recipes JOIN sdks ON sdks.id = sdk_id JOIN crates ON crates.id = crate_id
                           WHERE crates.name = ?1 ORDER BY sdk_id DESC LIMIT ?3 OFFSET ?2)";
            run(conn, sql, params![name, KEPT, i64::MAX])?;
            Ok(())
        })
    }

    /// The newest reuse index of a crate, and the bytes of its version.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the reuse index or the crate is damaged.
    pub fn newest_reuse_index(&self, name: &CrateName) -> Result<Option<(Vec<u8>, Bytes)>> {
        let found = self.read("read a reuse index", |conn| {
            let sql = "SELECT sdk_id, content, digest FROM recipes JOIN sdks ON sdks.id = sdk_id
                       JOIN crates ON crates.id = crate_id WHERE crates.name = ?1 ORDER BY sdk_id DESC LIMIT 1";
            let found: Option<(i64, Vec<u8>, Option<Sha256Digest>)> =
                one(conn, sql, [name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let Some((sdk, index, digest)) = found else { return Ok(None) };
            if digest != Some(Sha256Digest::of(&index)) {
                return Err(StoreError::Damaged(format!("the reuse index of crate {name}")).into());
            }
            Ok(Some((index, crate_of_sdk(conn, sdk)?)))
        })?;
        found.map(|(index, found)| Ok((index, self.crate_bytes_at(found)?))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, crate_name, new_job, sdk};

    #[test]
    fn the_newest_index_comes_with_its_crate_and_old_ones_go() {
        let store = Scratch::with_modules();
        let name = crate_name("pets", "prost");
        assert_eq!(store.newest_reuse_index(&name).unwrap(), None);
        for n in 1..=6 {
            store.push_one(n, 1, &[], vec![new_job(n, "pets", "prost", &[])]);
            let job = store.claim(at(3)).unwrap();
            let made = sdk(&job, 1, &[n]);
            store.publish_sdk(job.claim(), &made, &[n], at(5)).unwrap();
            store.keep_reuse_index(&name, &made.version, &[b'r', n]).unwrap();
            assert_eq!(store.newest_reuse_index(&name).unwrap(), Some((vec![b'r', n], Bytes::from(vec![n]))));
        }
        let kept = store
            .read("test", |conn| crate::store::db::statements::query::count(conn, "SELECT count(*) FROM recipes", []));
        assert_eq!(kept.unwrap(), 4);
    }
}
