//! Outlines of commits, compressed.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::model::{CommitId, Outline};
use crate::store::db::connections::Store;
use crate::store::db::engine::params;
use crate::store::db::error::Result;
use crate::store::db::statements::query::{one, run};
use crate::store::db::transaction::Transaction;

/// The most bytes of an outline. That of a larger commit is not kept: its pages are compiled.
const MOST: u64 = 16 << 20;

impl Store {
    /// The outline of a commit, if it has one that can be read.
    pub fn outline(&self, commit: CommitId) -> Result<Option<Outline>> {
        let sql = "SELECT content FROM commit_outlines WHERE commit_id = ?1";
        let packed: Option<Vec<u8>> =
            self.read("read what a commit declares", |conn| one(conn, sql, [commit], |row| row.get(0)))?;
        let mut text = String::new();
        let unpacked =
            packed.and_then(|packed| ZlibDecoder::new(&packed[..]).take(MOST).read_to_string(&mut text).ok());
        Ok(unpacked.and_then(|_| Outline::decode(&text)))
    }

    /// Keeps the outline of a commit that has none, after it was compiled.
    pub fn put_outline(&self, commit: CommitId, outline: &Outline) -> Result<()> {
        self.transaction("keep what a commit declares", |tx| tx.put_outline(commit, outline))
    }
}

impl Transaction<'_> {
    /// Keeps the outline of a commit.
    ///
    /// # Errors
    /// [`Missing`](crate::store::StoreError::Missing) if there is no such commit.
    pub fn put_outline(&self, commit: CommitId, outline: &Outline) -> Result<()> {
        let text = outline.encode();
        if text.len() as u64 >= MOST {
            return Ok(());
        }
        let mut packed = ZlibEncoder::new(vec![], Compression::fast());
        // Writing to memory cannot fail.
        let _ = packed.write_all(text.as_bytes());
        let packed = packed.finish().unwrap_or_default();
        self.run(|conn| {
            let sql = "INSERT INTO commit_outlines VALUES (?1, ?2)
                       ON CONFLICT (commit_id) DO UPDATE SET content = excluded.content";
            run(conn, sql, params![commit, packed])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OutlinedFile;
    use crate::store::db::engine::Connection;
    use crate::store::testing::{Scratch, commit_id, module_id};

    #[test]
    fn an_outline_goes_with_its_commit_and_a_damaged_one_is_none() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        assert_eq!(store.outline(commit_id(1)).unwrap(), None);
        let file = OutlinedFile { path: "a.proto".into(), package: "acme".into(), counts: [1; 4], imports: vec![] };
        let outline = Outline { files: vec![file], numbered: None };
        store.put_outline(commit_id(1), &outline).unwrap();
        assert_eq!(store.outline(commit_id(1)).unwrap(), Some(outline.clone()));
        let damage =
            |conn: &Connection| Ok(run(conn, "UPDATE commit_outlines SET content = ?1", [b"x\x9c".as_slice()])?);
        store.write("test", damage).unwrap();
        assert_eq!(store.outline(commit_id(1)).unwrap(), None);
        store.delete_modules(&[module_id(1)]).unwrap();
        assert!(store.put_outline(commit_id(1), &outline).is_err());
    }
}
