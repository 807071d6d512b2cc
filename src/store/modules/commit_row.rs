//! The rows of a commit and its files, each with its checksum.

use bytes::Bytes;

use crate::model::{
    CommitId, FilePath, FilesDigest, ModuleDigest, ModuleFile, ModuleId, OwnerId, Sha256Digest, Timestamp,
};
use crate::store::db::engine::{Connection, Params, Row, SqlResult, params};
use crate::store::db::error::{Fault, StoreError, Work};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::row_checksum::RowChecksum;
use crate::store::db::statements::sql_values::Count;

/// Immutable content of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The id, which never changes.
    pub id: CommitId,
    /// The module it belongs to.
    pub module: ModuleId,
    /// When it was pushed.
    pub created: Timestamp,
    /// Whether it was pushed to the label that was the default label at that moment.
    pub released: bool,
    /// Digest of its files alone.
    pub files_digest: FilesDigest,
    /// Digest of its files and its dependencies.
    pub digest: ModuleDigest,
    /// The user that pushed it, who may be deleted by now.
    pub created_by: OwnerId,
    /// The URL of the sources, as the push gave it; may be empty.
    pub source_control_url: String,
}

impl Commit {
    /// The time that stands in SDK versions: when the commit was created, if it was released.
    #[must_use]
    pub fn released_at(&self) -> Option<Timestamp> {
        self.released.then_some(self.created)
    }
}

/// A file of a commit, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path in the module.
    pub path: FilePath,
    /// The digest of its content.
    pub digest: Sha256Digest,
    /// The size of its content in bytes.
    pub size: u64,
}

impl RowChecksum {
    /// The checksum of a row of `commits`, without `source_bytes`, which no response contains.
    pub(in crate::store) fn of_commit(commit: &Commit) -> Self {
        Self::of(&[
            commit.id.as_bytes(),
            commit.module.as_bytes(),
            &commit.created.as_micros().to_le_bytes(),
            &[u8::from(commit.released)],
            commit.files_digest.0.as_bytes(),
            commit.digest.0.as_bytes(),
            commit.created_by.as_bytes(),
            commit.source_control_url.as_bytes(),
        ])
    }

    /// The checksum of a row of `commit_files`, together with the blob that it refers to.
    pub(in crate::store) fn of_file(commit: CommitId, file: &ListedFile) -> Self {
        let path = file.path.as_str().as_bytes();
        Self::of(&[commit.as_bytes(), path, file.digest.as_bytes(), &file.size.to_le_bytes()])
    }
}

pub(super) const BY_ID: &str = "SELECT * FROM commits WHERE id = ?1";

pub(super) fn read_commit(row: &Row<'_>) -> SqlResult<(Commit, RowChecksum)> {
    let commit = Commit {
        id: row.get("id")?,
        module: row.get("module_id")?,
        created: row.get("created")?,
        released: row.get("released")?,
        files_digest: row.get("files_digest")?,
        digest: row.get("digest")?,
        created_by: row.get("created_by")?,
        source_control_url: row.get("source_control_url")?,
    };
    Ok((commit, row.get("row_checksum")?))
}

pub(super) fn checked_commit((commit, checksum): (Commit, RowChecksum)) -> Work<Commit> {
    if checksum == RowChecksum::of_commit(&commit) {
        return Ok(commit);
    }
    Err(StoreError::Damaged(format!("commit {}", commit.id)).into())
}

pub(super) fn one_commit(conn: &Connection, sql: &str, values: impl Params) -> Work<Option<Commit>> {
    one(conn, sql, values, read_commit)?.map(checked_commit).transpose()
}

/// A file with its row, and the checksum with which the row was stored.
pub(super) struct StoredFile {
    file: ModuleFile,
    listed: ListedFile,
    pub(super) checksum: RowChecksum,
}

impl StoredFile {
    pub(super) const SELECT: &str = "SELECT path, content, digest, row_checksum FROM commit_files
                          JOIN blobs ON blobs.id = blob_id WHERE commit_id = ?1";

    pub(super) fn read(row: &Row<'_>) -> SqlResult<Self> {
        let content = Bytes::copy_from_slice(row.blob("content")?);
        let file = ModuleFile { path: row.get("path")?, content };
        let size = file.content.len() as u64;
        let listed = ListedFile { path: file.path.clone(), digest: row.get("digest")?, size };
        Ok(Self { file, listed, checksum: row.get("row_checksum")? })
    }

    pub(super) fn checked(self, commit: CommitId) -> Work<(ModuleFile, Sha256Digest)> {
        let digest = self.listed.digest;
        check_listed(commit, &self.listed, self.checksum)?;
        if digest == Sha256Digest::of(&self.file.content) {
            return Ok((self.file, digest));
        }
        Err(damaged_file(commit, &self.file.path))
    }
}

fn damaged_file(commit: CommitId, path: &FilePath) -> Fault {
    StoreError::Damaged(format!("file {path} of commit {commit}")).into()
}

fn check_listed(commit: CommitId, file: &ListedFile, checksum: RowChecksum) -> Work<()> {
    let is_intact = checksum == RowChecksum::of_file(commit, file);
    is_intact.then_some(()).ok_or_else(|| damaged_file(commit, &file.path))
}

/// Checks that the list of files of a commit has lost no row.
pub(super) fn check_whole(conn: &Connection, commit: CommitId, files: impl Iterator<Item = RowChecksum>) -> Work<()> {
    let sum: Option<RowChecksum> =
        one(conn, "SELECT files_checksum FROM commits WHERE id = ?1", [commit], |row| row.get(0))?;
    if sum.unwrap_or_default() == files.sum::<RowChecksum>() {
        return Ok(());
    }
    Err(StoreError::Damaged(format!("the list of files of commit {commit}")).into())
}

/// One file. Before this reports that the file does not exist, it checks that the list has lost no row.
pub(super) fn one_file(conn: &Connection, commit: CommitId, path: &str) -> Work<Option<(ModuleFile, Sha256Digest)>> {
    let sql = format!("{} AND path = ?2", StoredFile::SELECT);
    match one(conn, &sql, params![commit, path], StoredFile::read)? {
        Some(stored) => stored.checked(commit).map(Some),
        None => all_listed(conn, commit).map(|_| None),
    }
}

fn read_listed(row: &Row<'_>) -> SqlResult<(ListedFile, RowChecksum)> {
    let size = row.get::<_, Count>("size")?.0;
    Ok((ListedFile { path: row.get("path")?, digest: row.get("digest")?, size }, row.get("row_checksum")?))
}

const LISTED: &str = "SELECT path, digest, length(content) AS size, row_checksum FROM commit_files
                      JOIN blobs ON blobs.id = blob_id WHERE commit_id = ?1 ORDER BY path";

/// All files of a commit, including `buf.yaml` and `buf.lock` of API v1beta1.
pub(super) fn all_listed(conn: &Connection, commit: CommitId) -> Work<Vec<ListedFile>> {
    let rows = all(conn, LISTED, [commit], read_listed)?;
    check_whole(conn, commit, rows.iter().map(|(_, checksum)| *checksum))?;
    let checked = |(file, checksum)| check_listed(commit, &file, checksum).map(|()| file);
    rows.into_iter().map(checked).collect()
}

/// Computes the checksums of rows of an older format, which `0010_row_checksums.sql` leaves empty.
pub(in crate::store) fn fill_checksums(conn: &Connection) -> Work<()> {
    for id in all(conn, "SELECT id FROM commits", [], |row| row.get::<_, CommitId>(0))? {
        let mut sum = RowChecksum::default();
        for (file, before) in all(conn, LISTED, [id], read_listed)? {
            let checksum = RowChecksum::of_file(id, &file);
            sum = sum.replaced(before, checksum);
            let sql = "UPDATE commit_files SET row_checksum = ?3 WHERE commit_id = ?1 AND path = ?2";
            run(conn, sql, params![id, file.path, checksum])?;
        }
        let Some((commit, _)) = one(conn, BY_ID, [id], read_commit)? else { continue };
        let sql = "UPDATE commits SET row_checksum = ?2, files_checksum = ?3 WHERE id = ?1";
        run(conn, sql, params![id, RowChecksum::of_commit(&commit), sum])?;
    }
    Ok(())
}
