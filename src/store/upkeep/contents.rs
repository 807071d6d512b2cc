//! Lists what a store holds, so that each can be compared with its digest; and puts a crate's bytes back.

use bytes::Bytes;

use crate::model::{CommitId, CrateName, ModuleId, Sha256Digest};
use crate::store::db::connections::Store;
use crate::store::db::engine::Row;
use crate::store::db::error::{Result, StoreError};
use crate::store::db::sqlite::table_checksums;
use crate::store::db::statements::query::{all, one};
use crate::store::db::transaction::Transaction;
use crate::store::sdks::crate_bytes::put_crate_bytes;
use crate::store::sdks::sdk_key::{IS_KEY, SdkKey};

/// The content of a file of some commits, by the number of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobRow(i64);

/// A reuse index, by the number of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReuseIndexRow(i64);

impl Store {
    /// The contents of all files.
    pub fn blobs(&self) -> Result<Vec<BlobRow>> {
        self.read("list the contents of files", |conn| {
            all(conn, "SELECT id FROM blobs ORDER BY id", [], |row| row.get(0).map(BlobRow))
        })
    }

    /// A content, with the digest that it was compared with.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it does not have its digest.
    pub fn check_blob(&self, BlobRow(id): BlobRow) -> Result<(Sha256Digest, Bytes)> {
        self.check_content("the content of a file", "SELECT digest, content FROM blobs WHERE id = ?1", id)
    }

    /// All reuse indexes.
    pub fn reuse_indexes(&self) -> Result<Vec<ReuseIndexRow>> {
        self.read("list reuse indexes", |conn| {
            all(conn, "SELECT sdk_id FROM recipes WHERE digest IS NOT NULL", [], |row| row.get(0).map(ReuseIndexRow))
        })
    }

    /// Compares a reuse index with its digest.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it does not have its digest.
    pub fn check_reuse_index(&self, ReuseIndexRow(id): ReuseIndexRow) -> Result<()> {
        self.check_content("the reuse index", "SELECT digest, content FROM recipes WHERE sdk_id = ?1", id).map(drop)
    }

    fn check_content(&self, what: &'static str, sql: &'static str, id: i64) -> Result<(Sha256Digest, Bytes)> {
        self.read("compare a content with its digest", |conn| {
            let read = |row: &Row<'_>| Ok((row.get::<_, Sha256Digest>(0)?, Bytes::copy_from_slice(row.blob(1)?)));
            match one(conn, sql, [id], read)? {
                Some((digest, content)) if digest == Sha256Digest::of(&content) => Ok((digest, content)),
                _ => Err(StoreError::Damaged(format!("{what} in row {id}")).into()),
            }
        })
    }

    /// The ids of all commits.
    pub fn commit_ids(&self) -> Result<Vec<CommitId>> {
        self.read("list commits", |conn| all(conn, "SELECT id FROM commits ORDER BY created, id", [], |row| row.get(0)))
    }

    /// All crates, each with its module.
    pub fn crate_names(&self) -> Result<Vec<(ModuleId, CrateName)>> {
        self.read("list crates", |conn| {
            all(conn, "SELECT module_id, name FROM crates ORDER BY name", [], |row| Ok((row.get(0)?, row.get(1)?)))
        })
    }
}

impl Transaction<'_> {
    /// Stores the bytes of a published crate again, in place of damaged or lost ones.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if they do not have the checksum that was published, [`StoreError::Missing`] without the
    /// SDK.
    pub fn put_crate_back(&self, key: &SdkKey, crate_bytes: &[u8]) -> Result<()> {
        let what = format!("the crate of {} of commit {}", key.plugin, key.commit);
        self.run(|conn| {
            let sql = format!("SELECT id, checksum FROM sdks WHERE {IS_KEY}");
            let values = crate::store::sdks::sdk_key::key_columns(key);
            let found = one(conn, &sql, values, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Sha256Digest>(1)?)))?;
            let (id, checksum) = found.ok_or_else(|| StoreError::Missing(what.clone()))?;
            if checksum != Sha256Digest::of(crate_bytes) {
                return Err(StoreError::Damaged(what).into());
            }
            conn.put_back(|| put_crate_bytes(conn, id, crate_bytes))
        })
    }

    /// Takes the rows of all tables as they are: what another program wrote is no damage from now on.
    pub fn accept_rows(&self) -> Result<()> {
        self.run(|conn| Ok(table_checksums::renew(conn.sqlite()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, key, new_job, sdk};

    #[test]
    fn a_crate_comes_back_only_with_the_bytes_that_were_published() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        let job = store.claim(at(3)).unwrap();
        let made = sdk(&job, 1, b"bytes");
        store.publish_sdk(job.claim(), &made, b"bytes", at(4)).unwrap();
        let store = store.flip_a_bit("crate_blobs", "content");
        let read = || store.crate_bytes(made.module, &made.crate_name, &made.version);
        assert!(read().is_err());
        let put_back = |bytes: &[u8]| store.transaction("test", |tx| tx.put_crate_back(&key(1, "prost"), bytes));
        assert!(matches!(put_back(b"others"), Err(StoreError::Damaged(_))));
        assert!(read().is_err());
        put_back(b"bytes").unwrap();
        assert_eq!(read().unwrap().unwrap(), "bytes");
    }

    #[test]
    fn every_content_is_listed_and_compared() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[], vec![]);
        assert_eq!(store.commit_ids().unwrap().len(), 2);
        let sizes = |store: &Store| {
            store
                .blobs()
                .unwrap()
                .into_iter()
                .map(|blob| store.check_blob(blob).ok().map(|(_, content)| content.len()))
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes(&store), [Some(4), Some(4)]);
        // A bit in each.
        let store = store.flip_a_bit("blobs", "content");
        assert_eq!(sizes(&store), [None, None]);
    }
}
