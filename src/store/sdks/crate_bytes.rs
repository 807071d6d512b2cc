//! The bytes of a crate, in the database or beside it. A call reads the row first, and asks an object store when it holds
//! no connection any more.

use bytes::Bytes;

use super::sdk_row::Sdk;
use crate::model::Sha256Digest;
use crate::store::db::connections::Store;
use crate::store::db::engine::Connection;
use crate::store::db::engine::params;
use crate::store::db::error::{Fault, Result, StoreError, Work};
use crate::store::db::statements::query::run;

/// Where the bytes of a crate are.
pub(in crate::store) enum CrateBytes {
    /// In the database: these.
    Here(Bytes),
    /// Not in the database.
    Elsewhere(Lost),
}

/// A crate whose bytes are not in the database.
pub(in crate::store) struct Lost {
    checksum: Sha256Digest,
    what: String,
}

impl CrateBytes {
    /// Reads the bytes of the SDK in this row, and compares them with its checksum.
    pub(super) fn read(conn: &Connection, row: i64, sdk: &Sdk) -> Work<Self> {
        let what = || format!("crate {} {}", sdk.crate_name, sdk.version);
        match conn.blob("crate_blobs", "content", "sdk_id", row)? {
            Some(bytes) if sdk.checksum == Sha256Digest::of(&bytes) => Ok(Self::Here(bytes.into())),
            Some(_) => Err(StoreError::Damaged(what()).into()),
            None => Ok(Self::Elsewhere(Lost { checksum: sdk.checksum, what: what() })),
        }
    }
}

impl Store {
    /// The bytes that a read found, or those in the object store.
    pub(in crate::store) fn crate_bytes_at(&self, found: CrateBytes) -> Result<Bytes> {
        let Lost { checksum, what } = match found {
            CrateBytes::Here(bytes) => return Ok(bytes),
            CrateBytes::Elsewhere(lost) => lost,
        };
        let read = self.blob_place().read(&checksum, &|| what.clone());
        let read = read.and_then(|bytes| bytes.ok_or_else(|| StoreError::Damaged(what.clone())));
        read.map_err(|error| self.explain(Fault::Refused(error), "read a crate"))
    }
}

/// Stores the bytes of an existing SDK in the database, in place of those that are there, if any are. What an object
/// store has of it is not read any more.
pub(in crate::store) fn put_crate_bytes(conn: &Connection, sdk_id: i64, crate_bytes: &[u8]) -> Work<()> {
    let sql = "INSERT INTO crate_blobs VALUES (?1, ?2) ON CONFLICT (sdk_id) DO UPDATE SET content = excluded.content";
    run(conn, sql, params![sdk_id, crate_bytes])?;
    Ok(())
}
