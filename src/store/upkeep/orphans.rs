//! Objects that nobody names: of crates whose module was deleted, or whose transaction never came.

use std::collections::BTreeSet;

use crate::model::{Sha256Digest, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::error::Result;
use crate::store::db::statements::query::all;

impl Store {
    /// Counts the objects that [`Store::remove_orphans`] would remove; none, if crates are in no object store.
    ///
    /// # Errors
    /// If the object store fails.
    pub fn orphans(&self, before: Timestamp) -> Result<u64> {
        self.each_orphan(before, |_| Ok(true))
    }

    /// Removes the objects that were stored before this time and that no SDK names, and counts them. The time is a day
    /// ago or longer: until then the transaction that names an object may come.
    ///
    /// # Errors
    /// If the object store fails; some may be removed then.
    pub fn remove_orphans(&self, before: Timestamp) -> Result<u64> {
        self.each_orphan(before, |digest| self.blob_place().remove_older(digest, before))
    }

    /// Counts those for which `each` says so.
    fn each_orphan(&self, before: Timestamp, each: impl Fn(&Sha256Digest) -> Result<bool>) -> Result<u64> {
        if !self.blob_place().is_some() {
            return Ok(0);
        }
        let named = self.named_objects()?;
        let mut found = 0;
        self.blob_place().each_page(before, |page| {
            for digest in page.iter().filter(|digest| !named.contains(*digest)) {
                found += u64::from(each(digest)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The checksums of all SDKs, also of those whose bytes are in the database.
    fn named_objects(&self) -> Result<BTreeSet<Sha256Digest>> {
        self.read("list the crates", |conn| {
            Ok(all(conn, "SELECT checksum FROM sdks", [], |row| row.get(0))?.into_iter().collect())
        })
    }
}
