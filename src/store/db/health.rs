//! Checks whether the store works, and counts its records.

use super::connections::Store;
use super::engine::Connection;
#[cfg(doc)]
use super::error::StoreError;
use super::error::{Result, Work};
use super::statements::query::{all, count, exists, one};
use super::statements::sql_values::Count;
use crate::model::{PluginName, Timestamp};

const OLDEST: &str = "SELECT min(queued) FROM sdk_jobs WHERE state = 'queued'";

/// The numbers of records in the store, and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Modules.
    pub modules: u64,
    /// Commits.
    pub commits: u64,
    /// Published SDKs.
    pub sdks: u64,
    /// Queued jobs.
    pub queued: u64,
    /// Running jobs.
    pub running: u64,
    /// Failed jobs.
    pub failed: u64,
    /// Since when the oldest queued job waits.
    pub oldest_queued: Option<Timestamp>,
    /// Tokens that are not revoked; some may have expired.
    pub tokens: u64,
    /// Servers that share the database, as far as they are not missed yet.
    pub nodes: u64,
    /// Bytes in use in the database file.
    pub bytes: u64,
    /// Bytes of the write-ahead log beside it.
    pub log_bytes: u64,
}

/// The number of jobs of one plugin in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    /// The plugin.
    pub plugin: PluginName,
    /// `queued`, `running` or `failed`.
    pub state: String,
    /// The number of jobs.
    pub jobs: u64,
}

/// The time of a database on a server.
pub(in crate::store) fn database_time(conn: &Connection) -> Work<Option<Timestamp>> {
    match conn {
        Connection::Sqlite(_) => Ok(None),
        #[cfg(feature = "cluster")]
        Connection::Postgres(_) => {
            let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
            one(conn, sql, [], |row| row.get(0))
        }
    }
}

impl Store {
    /// The number of reads that found a damaged record since the start.
    #[must_use]
    pub fn damaged_reads(&self) -> u64 {
        self.damage().reads()
    }

    /// The damaged records found since the last call; each is returned once since the start.
    #[must_use]
    pub fn new_damage(&self) -> Vec<String> {
        self.damage().take_new()
    }

    /// Checks that the store can be read and that writes reach the disk, for readiness.
    ///
    /// Costs one synced write of a page that does not change, so callers cache the result for a moment. When another
    /// call is writing, this writes nothing, unless the last write failed: then this waits for its turn to know.
    ///
    /// # Errors
    /// The error that a write would have: [`StoreError::Full`], [`StoreError::ReadOnly`], [`StoreError::Disk`],
    /// [`StoreError::Displaced`], or [`StoreError::Busy`] while another process is writing.
    pub fn check(&self) -> Result<()> {
        self.check_place("read the database")?;
        self.read("read the database", |conn| exists(conn, "SELECT 1 FROM owners", []))?;
        self.try_write("write to the database", |conn| Ok(conn.touch()?))?;
        Ok(())
    }

    /// Asks whether the object store with the crates is well; if not, why, worded for users. `None` if there is none.
    /// Costs a request, so callers cache the result for a moment.
    #[must_use]
    pub fn object_store_health(&self) -> Option<std::result::Result<(), &'static str>> {
        self.blob_place().health()
    }

    /// The jobs that are not done, by plugin and state.
    pub fn job_counts(&self) -> Result<Vec<JobCount>> {
        let sql = "SELECT plugin, state, count(*) AS jobs FROM sdk_jobs
                   WHERE state IN ('queued', 'running', 'failed') GROUP BY plugin, state";
        self.read("count the jobs", |conn| {
            all(conn, sql, [], |row| {
                Ok(JobCount {
                    plugin: row.get("plugin")?,
                    state: row.get("state")?,
                    jobs: row.get::<_, Count>("jobs")?.0,
                })
            })
        })
    }

    /// The time of a database that several nodes share, which is the only clock that they have in common.
    pub fn database_time(&self) -> Result<Option<Timestamp>> {
        self.read("ask the database for its time", database_time)
    }

    fn log_bytes(&self) -> u64 {
        let mut path = self.path().as_os_str().to_owned();
        path.push("-wal");
        std::fs::metadata(path).map_or(0, |file| file.len())
    }

    /// Counts the records.
    pub fn stats(&self) -> Result<Stats> {
        self.read("count the records", |conn| {
            let jobs = |state: &str| count(conn, "SELECT count(*) FROM sdk_jobs WHERE state = ?1", [state]);
            Ok(Stats {
                modules: count(conn, "SELECT count(*) FROM modules", [])?,
                commits: count(conn, "SELECT count(*) FROM commits", [])?,
                sdks: count(conn, "SELECT count(*) FROM sdks", [])?,
                queued: jobs("queued")?,
                running: jobs("running")?,
                failed: jobs("failed")?,
                oldest_queued: one(conn, OLDEST, [], |row| row.get(0))?.flatten(),
                tokens: count(conn, "SELECT count(*) FROM tokens WHERE revoked IS NULL", [])?,
                nodes: count(conn, "SELECT count(*) FROM nodes", [])?,
                bytes: count(conn, conn.bytes_in_use(), [])?,
                log_bytes: self.log_bytes(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::store::db::error::StoreError;
    use crate::store::db::sqlite::open::open_beside;
    use crate::store::testing::Scratch;

    #[test]
    fn a_check_writes_and_changes_nothing() {
        let store = Scratch::with_modules();
        let log = || store.dir().join("registry.db-wal").metadata().unwrap().len();
        let before = log();
        store.check().unwrap();
        assert!(log() > before, "nothing was written");
        assert_eq!(store.last_audit_record().unwrap(), 0);
        let stats = store.stats().unwrap();
        assert_eq!((stats.modules, stats.commits, stats.queued), (2, 0, 0));
        assert!(stats.bytes > 4096);
    }

    #[test]
    fn a_database_that_cannot_be_written_fails_the_check() {
        let store = Scratch::with_modules();
        store.try_write("test", |conn| Ok(conn.sqlite()?.pragma_update(None, "query_only", true)?)).unwrap();
        let error = store.check().unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        store.reopen().check().unwrap();
    }

    #[test]
    fn a_failure_is_seen_while_others_go_on_trying() {
        let store = Scratch::with_modules();
        let forbidden = || store.write("test", |conn| Ok(conn.execute_batch("DELETE FROM nothing")?));
        forbidden().unwrap_err();
        let (holds, held) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let (store, forbid) = (&store, "query_only");
            scope.spawn(move || {
                let slowly = store.write("test", |conn| {
                    holds.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(50));
                    Ok(conn.sqlite()?.pragma_update(None, forbid, true)?)
                });
                slowly.unwrap();
            });
            held.recv().unwrap();
            let error = store.check().unwrap_err();
            assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        });
    }

    #[test]
    fn another_writer_is_waited_for_and_then_named() {
        let store = Scratch::with_modules();
        store.try_write("test", |conn| Ok(conn.sqlite()?.busy_timeout(Duration::from_millis(20))?)).unwrap();
        let other = open_beside(store.dir());
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.check().unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error}");
        other.execute_batch("ROLLBACK").unwrap();
        store.check().unwrap();
    }
}
