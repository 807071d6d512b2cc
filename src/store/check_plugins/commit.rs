//! Commits of check plugins, and the programs that they hold.

use bytes::Bytes;

use crate::model::{CheckPluginId, CommitId, OwnerId, Shake256Digest, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, Work, unless_taken};
use crate::store::db::statements::pagination::{Page, PageWindow};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::transaction::Transaction;

/// A commit of a check plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckPluginCommit {
    /// The id, which never changes.
    pub id: CommitId,
    /// The plugin.
    pub plugin: CheckPluginId,
    /// When it was pushed.
    pub created: Timestamp,
    /// The digest of its program, by which `buf` recognizes it as `p1`.
    pub digest: Shake256Digest,
    /// The user that pushed it.
    pub created_by: OwnerId,
    /// Where its sources are, as the push said; may be empty.
    pub source_control_url: String,
}

fn read_commit(row: &Row<'_>) -> SqlResult<CheckPluginCommit> {
    Ok(CheckPluginCommit {
        id: row.get("id")?,
        plugin: row.get("plugin_id")?,
        created: row.get("created")?,
        digest: row.get("digest")?,
        created_by: row.get("created_by")?,
        source_control_url: row.get("source_control_url")?,
    })
}

fn by_id(conn: &Connection, id: CommitId) -> Work<Option<CheckPluginCommit>> {
    one(conn, "SELECT * FROM check_plugin_commits WHERE id = ?1", [id], read_commit)
}

impl Store {
    /// The commit of a check plugin with this id.
    pub fn check_plugin_commit(&self, id: CommitId) -> Result<Option<CheckPluginCommit>> {
        self.read("look up a commit of a check plugin", |conn| by_id(conn, id))
    }

    /// The commits of a check plugin, of those whose id begins with `query`, newest or oldest first.
    pub fn list_check_plugin_commits(
        &self,
        plugin: CheckPluginId,
        newest_first: bool,
        query: &str,
        (offset, limit): (u64, u64),
    ) -> Result<Page<CheckPluginCommit>> {
        let cut = PageWindow::new(offset, limit);
        let direction = if newest_first { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT * FROM check_plugin_commits WHERE plugin_id = :plugin
             AND substr(lower(hex(id)), 1, length(:query)) = :query
             ORDER BY created {direction}, id {direction} LIMIT :limit OFFSET :offset"
        );
        self.read("list commits of a check plugin", |conn| {
            let query = query.to_ascii_lowercase();
            let values = named_params! {
                ":plugin": plugin, ":query": query, ":limit": cut.limit(), ":offset": cut.offset(),
            };
            Ok(cut.page(all(conn, &sql, values, read_commit)?))
        })
    }

    /// The ids of the commits of all check plugins.
    pub fn check_plugin_commit_ids(&self) -> Result<Vec<CommitId>> {
        self.read("list commits of check plugins", |conn| {
            all(conn, "SELECT id FROM check_plugin_commits ORDER BY created, id", [], |row| row.get(0))
        })
    }

    /// The program of a commit of a check plugin, compared with its digest.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it does not have its digest, or is not there.
    pub fn check_plugin_program(&self, commit: CommitId) -> Result<Option<Bytes>> {
        self.read("read a check plugin", |conn| {
            let Some(record) = by_id(conn, commit)? else { return Ok(None) };
            let sql = "SELECT content FROM check_plugin_programs WHERE commit_id = ?1";
            let content = one(conn, sql, [commit], |row| row.get::<_, Vec<u8>>(0))?;
            match content.filter(|content| Shake256Digest::of(content) == record.digest) {
                Some(content) => Ok(Some(content.into())),
                None => Err(StoreError::Damaged(format!("the program of commit {commit} of a check plugin")).into()),
            }
        })
    }
}

impl Transaction<'_> {
    /// The commit, as [`Store::check_plugin_commit`].
    pub fn check_plugin_commit(&self, id: CommitId) -> Result<Option<CheckPluginCommit>> {
        self.run(|conn| by_id(conn, id))
    }

    /// The time of the newest commit of a check plugin.
    pub fn newest_check_plugin_commit(&self, plugin: CheckPluginId) -> Result<Option<Timestamp>> {
        let sql = "SELECT created FROM check_plugin_commits WHERE plugin_id = ?1 ORDER BY created DESC LIMIT 1";
        self.run(|conn| one(conn, sql, [plugin], |row| row.get(0)))
    }

    /// Stores a commit of a check plugin with its program.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if the id is taken, [`StoreError::Missing`] if there is no such plugin.
    pub fn create_check_plugin_commit(&self, commit: &CheckPluginCommit, program: &[u8]) -> Result<()> {
        self.run(|conn| {
            let CheckPluginCommit { id, plugin, created, digest, created_by, source_control_url } = commit;
            let values = params![id, plugin, created, digest, created_by, source_control_url];
            let inserted = run(conn, "INSERT INTO check_plugin_commits VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values);
            unless_taken(inserted, || format!("commit {id}"))?;
            run(conn, "INSERT INTO check_plugin_programs VALUES (?1, ?2)", params![id, program])?;
            self.quotas().check_check_plugin_bytes(conn, *plugin)
        })
    }
}
