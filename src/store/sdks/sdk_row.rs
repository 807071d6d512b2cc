//! The row of a published SDK, with its checksum.

use super::sdk_key::{SdkKey, read_key};
use crate::model::{CrateName, ModuleId, SdkVersion, Sha256Digest, Timestamp};
use crate::store::db::engine::{Connection, Params, Row, SqlResult, params};
use crate::store::db::error::{StoreError, Work};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::row_checksum::RowChecksum;
use crate::store::db::statements::sql_values::Count;

/// A published SDK: one version of one crate. Its bytes are read by [`Store::crate_bytes`](crate::store::Store::crate_bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdk {
    /// The commit and the plugin that it was made of.
    pub key: SdkKey,
    /// The module of the commit.
    pub module: ModuleId,
    /// The crate.
    pub crate_name: CrateName,
    /// The crate's version.
    pub version: SdkVersion,
    /// SHA-256 of the `.crate` file.
    pub checksum: Sha256Digest,
    /// Bytes of the `.crate` file.
    pub size: u64,
    /// Bytes of the files in it.
    pub unpacked_size: u64,
    /// The line of the sparse index as it was published, without line end.
    pub index_line: String,
    /// Whether it is yanked; this flag counts, not the one in `index_line`.
    pub yanked: bool,
    /// When it was published.
    pub created: Timestamp,
}

impl RowChecksum {
    /// The checksum of a row of `sdks`, together with the crate that it refers to.
    pub(in crate::store) fn of_sdk(sdk: &Sdk) -> Self {
        let key = &sdk.key;
        Self::of(&[
            key.commit.as_bytes(),
            key.plugin.to_string().as_bytes(),
            key.version.to_string().as_bytes(),
            &key.revision.0.to_le_bytes(),
            sdk.module.as_bytes(),
            sdk.crate_name.to_string().as_bytes(),
            sdk.version.to_string().as_bytes(),
            sdk.checksum.as_bytes(),
            &sdk.size.to_le_bytes(),
            &sdk.unpacked_size.to_le_bytes(),
            sdk.index_line.as_bytes(),
            &[u8::from(sdk.yanked)],
            &sdk.created.as_micros().to_le_bytes(),
        ])
    }
}

pub(super) const SELECT: &str =
    "SELECT sdks.*, crates.name AS crate_name, crates.module_id FROM sdks JOIN crates ON crates.id = sdks.crate_id";

pub(super) const IS_VERSION: &str = "crates.name = ?1 AND sdks.crate_version = ?2";

pub(super) fn read_sdk(row: &Row<'_>) -> SqlResult<Stored> {
    let size = |column| row.get(column).map(|Count(bytes)| bytes);
    let sdk = Sdk {
        key: read_key(row)?,
        module: row.get("module_id")?,
        crate_name: row.get("crate_name")?,
        version: row.get("crate_version")?,
        checksum: row.get("checksum")?,
        size: size("size")?,
        unpacked_size: size("unpacked_size")?,
        index_line: row.get("index_line")?,
        yanked: row.get("yanked")?,
        created: row.get("created")?,
    };
    Ok(Stored { id: row.get("id")?, sdk, checksum: row.get("row_checksum")? })
}

/// A row, and the checksum with which it was stored.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) sdk: Sdk,
    pub(super) checksum: RowChecksum,
}

impl Stored {
    pub(super) fn checked(self) -> Work<Sdk> {
        let Self { sdk, checksum, .. } = self;
        if checksum == RowChecksum::of_sdk(&sdk) {
            return Ok(sdk);
        }
        Err(StoreError::Damaged(format!("the index line of {} {}", sdk.crate_name, sdk.version)).into())
    }
}

pub(super) fn one_sdk(conn: &Connection, sql: &str, values: impl Params) -> Work<Option<Sdk>> {
    one(conn, sql, values, read_sdk)?.map(Stored::checked).transpose()
}

/// SDKs by crate and version, in cargo's order.
pub(super) fn all_sdks(conn: &Connection, sql: &str, values: impl Params) -> Work<Vec<Sdk>> {
    let mut sdks: Vec<_> = all(conn, sql, values, read_sdk)?.into_iter().map(Stored::checked).collect::<Work<_>>()?;
    sdks.sort_by(|a, b| (&a.crate_name, &a.version).cmp(&(&b.crate_name, &b.version)));
    Ok(sdks)
}

/// Checks that the list of versions of a crate has lost no row.
pub(super) fn check_whole(conn: &Connection, name: &CrateName, sdks: &[Sdk]) -> Work<()> {
    if sum_of_crate(conn, name)? == sdks.iter().map(RowChecksum::of_sdk).sum::<RowChecksum>() {
        return Ok(());
    }
    Err(StoreError::Damaged(format!("the list of versions of {name}")).into())
}

fn sum_of_crate(conn: &Connection, name: &CrateName) -> Work<RowChecksum> {
    let sum = one(conn, "SELECT sdks_checksum FROM crates WHERE name = ?1", [name], |row| row.get(0))?;
    Ok(sum.unwrap_or_default())
}

/// Updates the sum of a crate when the checksum of a row changes from `before` to `after`.
pub(super) fn replace_in_crate(
    conn: &Connection,
    name: &CrateName,
    before: RowChecksum,
    after: RowChecksum,
) -> Work<()> {
    let sum = sum_of_crate(conn, name)?.replaced(before, after);
    run(conn, "UPDATE crates SET sdks_checksum = ?2 WHERE name = ?1", params![name, sum])?;
    Ok(())
}

/// Computes the checksums of rows of an older format, which `0010_row_checksums.sql` leaves empty.
pub(in crate::store) fn fill_checksums(conn: &Connection) -> Work<()> {
    for id in all(conn, "SELECT id FROM crates", [], |row| row.get::<_, i64>(0))? {
        for stored in all(conn, &format!("{SELECT} WHERE crate_id = ?1"), [id], read_sdk)? {
            let checksum = RowChecksum::of_sdk(&stored.sdk);
            run(conn, "UPDATE sdks SET row_checksum = ?2 WHERE id = ?1", params![stored.id, checksum])?;
            replace_in_crate(conn, &stored.sdk.crate_name, stored.checksum, checksum)?;
        }
    }
    Ok(())
}
