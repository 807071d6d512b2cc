//! Opens the database: creates it if it does not exist, refuses the database of another program, updates the format.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{migrate, table_checksums};
use crate::model::Quotas;
use crate::store::db::dir_lock::sync_dir;
use crate::store::db::engine::Connection as AnyConnection;
use crate::store::db::error::{FullDisk, Result, StoreError, Work};

/// The database's file name in the data directory.
pub(in crate::store) const FILE: &str = "registry.db";

/// How long a write waits for another process, such as a command that creates a token.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write-ahead log is truncated to this size, in bytes, after a large push.
const LOG_BYTES: i64 = 64 << 20;

/// The cache of prepared statements: larger than the number of different statements, so each is prepared once.
const STATEMENTS: usize = 128;

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// The most bytes of the database file; without it, the disk is the limit.
    pub max_bytes: Option<u64>,
    /// The most reads at the same time, each with a connection of its own.
    pub readers: usize,
    /// The quotas of one owner.
    pub quotas: Quotas,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { max_bytes: None, readers: 4, quotas: Quotas::default() }
    }
}

/// How the name of a database in the making begins. It gets its own name when it has all tables, so an empty file of that
/// name is none that a registry has left.
const NEW: &str = "registry.db-new-";

/// Opens the database in `dir` for writing, and creates it if it does not exist. Returns its path and the connection.
pub(in crate::store) fn open_writer(dir: &Path, options: StoreOptions) -> Result<(PathBuf, AnyConnection)> {
    let path = dir.join(FILE);
    let doing = "open the database";
    let words = |error: rusqlite::Error| StoreError::from_sql(doing, &path, error);
    if !require_bytes(&path)? {
        create(dir, &path, options)?;
    }
    let writer = Connection::open_with_flags(&path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)).map_err(words)?;
    prepare(&writer).map_err(words)?;
    // SQLite opens a file without write permission for reading only, and reports no error.
    if writer.is_readonly("main").map_err(words)? {
        return Err(StoreError::ReadOnly { doing, path });
    }
    let writer = AnyConnection::Sqlite(writer);
    require_tables(&writer, &path)?;
    let migrated = make_durable(&writer, &path, options).map_err(|fault| fault.into_error(doing, &path))?;
    if migrated {
        sync_dir(dir)?;
    }
    Ok((path, writer))
}

/// Creates the database with all of its tables, readable by its user alone, unless another process does that meanwhile.
fn create(dir: &Path, path: &Path, options: StoreOptions) -> Result<()> {
    let doing = "create the database";
    let temp = tempfile::Builder::new().prefix(NEW).tempfile_in(dir);
    let temp = temp.map_err(|error| cannot_create(&error, doing, path))?.into_temp_path();
    write_tables(&temp, path, options).map_err(|fault| fault.into_error(doing, path))?;
    let synced = std::fs::File::open(&temp).and_then(|file| file.sync_all());
    synced.map_err(|error| cannot_create(&error, doing, path))?;
    match temp.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(cannot_create(&error.error, doing, path)),
        _ => sync_dir(dir),
    }
}

/// Makes the empty file `temp` the database that `path` is to be. Nobody else sees it yet, and after a failure it is
/// removed, so nothing is kept to undo the changes and nothing is synced.
fn write_tables(temp: &Path, path: &Path, options: StoreOptions) -> Work<()> {
    let conn = Connection::open_with_flags(temp, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
    conn.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    limit_size(&conn, options)?;
    let conn = AnyConnection::Sqlite(conn);
    migrate::migrate(&conn, path)?;
    // The file remembers it.
    conn.sqlite()?.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    Ok(())
}

fn cannot_create(error: &std::io::Error, doing: &'static str, path: &Path) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { doing, disk: FullDisk::OfRegistry },
        _ => StoreError::CannotOpen { path: path.into() },
    }
}

/// Whether there is a file; one without a byte is refused before SQLite sees it, which would remove the log beside it.
fn require_bytes(path: &Path) -> Result<bool> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() && found.len() == 0 => Err(StoreError::Empty { path: path.into() }),
        Ok(_) => Ok(true),
        Err(_) => Ok(false),
    }
}

/// Refuses a database of a newer version, of another program, and one without a table.
fn require_tables(conn: &AnyConnection, path: &Path) -> Result<()> {
    let doing = "open the database";
    // What SQLite cannot read holds something; whoever reads it is told what is wrong.
    if migrate::is_empty(conn).unwrap_or(false) {
        return Err(StoreError::Empty { path: path.into() });
    }
    migrate::check(conn, path).map_err(|fault| fault.into_error(doing, path))
}

/// Opens a copy that nobody writes to, and that is left alone: not even a lock is taken. Returns the connection.
pub(in crate::store) fn open_copy(path: &Path) -> Result<AnyConnection> {
    // As an address, in which every byte is written out; only so SQLite is told that nothing changes.
    let bytes = path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let address = format!("file:{bytes}?immutable=1");
    let open = || {
        let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let conn = Connection::open_with_flags(&address, flags(access))?;
        prepare(&conn)?;
        Ok(AnyConnection::Sqlite(conn))
    };
    open().map_err(|error: rusqlite::Error| StoreError::from_sql("open the copy", path, error))
}

/// Opens the database in `dir` as it is. Returns its path and a connection that changes nothing.
pub(in crate::store) fn open_existing(dir: &Path) -> Result<(PathBuf, AnyConnection)> {
    let path = dir.join(FILE);
    let doing = "open the database";
    require_bytes(&path)?;
    let open = || {
        // A connection that may write removes the write-ahead log when it is the last to close, as a server does.
        let conn = Connection::open_with_flags(&path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
        prepare(&conn)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(AnyConnection::Sqlite(conn))
    };
    let conn = open().map_err(|error: rusqlite::Error| StoreError::from_sql(doing, &path, error))?;
    require_tables(&conn, &path)?;
    Ok((path, conn))
}

/// A connection for reading only.
pub(in crate::store) fn open_reader(path: &Path) -> Result<AnyConnection> {
    let open = || {
        let conn = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        prepare(&conn)?;
        Ok(AnyConnection::Sqlite(conn))
    };
    open().map_err(|error: rusqlite::Error| StoreError::from_sql("open the database for reading", path, error))
}

/// A connection of another program, which keeps none of the rules of a store.
#[cfg(test)]
pub(in crate::store) fn open_beside(dir: &Path) -> AnyConnection {
    AnyConnection::Sqlite(Connection::open(dir.join(FILE)).unwrap())
}

/// Every connection is used by one thread at a time, so SQLite need not lock it.
fn flags(access: OpenFlags) -> OpenFlags {
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.pragma_update(None, "foreign_keys", true)
}

/// Makes every commit durable: a write-ahead log, synced at every commit. Returns whether the format was updated.
fn make_durable(writer: &AnyConnection, path: &Path, options: StoreOptions) -> Work<bool> {
    let conn = writer.sqlite()?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    limit_size(conn, options)?;
    let migrated = migrate::migrate(writer, path)?;
    table_checksums::keep(conn)?;
    Ok(migrated)
}

fn limit_size(conn: &Connection, options: StoreOptions) -> Work<()> {
    if let Some(bytes) = options.max_bytes {
        let page: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        conn.pragma_update_and_check(None, "max_page_count", pages.max(1), |_| Ok(()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::connections::Store;
    use crate::store::owners::resting_name::Claim;
    use crate::store::testing::owner;

    fn refusal(dir: &Path) -> StoreError {
        Store::open(dir, StoreOptions::default()).err().unwrap()
    }

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        drop(Store::open(temp.path(), StoreOptions::default()).unwrap());
        let conn = Connection::open(temp.path().join(FILE)).unwrap();
        conn.pragma_update(None, "user_version", 999).unwrap();
        drop(conn);
        let error = refusal(temp.path());
        assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error}");
    }

    #[test]
    fn files_that_are_no_registry_are_refused_and_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join(FILE);
        std::fs::write(&path, "this is no database, but long enough to look at ".repeat(30)).unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(refusal(temp.path()), StoreError::NotADatabase { .. }));
        assert_eq!(std::fs::read(&path).unwrap(), before);

        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
        assert!(matches!(refusal(temp.path()), StoreError::NotADatabase { .. }));
    }

    #[test]
    fn an_empty_file_is_no_registry_and_no_new_one() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join(FILE);
        let log = temp.path().join("registry.db-wal");
        let refused = || {
            let read = Store::open_to_read(temp.path()).err().unwrap();
            assert!(matches!(refusal(temp.path()), StoreError::Empty { .. }));
            assert!(matches!(read, StoreError::Empty { .. }), "{read}");
            assert!(read.to_string().contains("registry.db is empty"), "{read}");
        };
        std::fs::write(&path, "").unwrap();
        std::fs::write(&log, "what is left of a registry").unwrap();
        refused();
        assert_eq!((path.metadata().unwrap().len(), log.exists()), (0, true), "nothing was touched");
        std::fs::remove_file(&log).unwrap();
        // A database without a table.
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
        refused();
    }

    #[cfg(unix)]
    #[test]
    fn the_files_are_readable_by_their_user_alone() {
        let temp = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        std::fs::set_permissions(temp.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let store = Store::open(temp.path(), StoreOptions::default()).unwrap();
        store.check().unwrap();
        for entry in std::fs::read_dir(temp.path()).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path) & 0o777, 0o600, "{}", path.display());
        }
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 3, "nothing but the database and its log");
    }

    #[test]
    fn a_place_that_cannot_hold_a_database_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("file");
        std::fs::write(&file, "x").unwrap();
        for dir in [&file, &temp.path().join("absent")] {
            let error = refusal(dir);
            assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
            assert!(error.to_string().contains(&dir.join(FILE).display().to_string()), "{error}");
        }
    }

    #[test]
    fn several_processes_may_open_and_write() {
        let temp = tempfile::tempdir().unwrap();
        drop(Store::open(temp.path(), StoreOptions::default()).unwrap());
        std::thread::scope(|scope| {
            for n in 1..=4 {
                let dir = temp.path();
                scope.spawn(move || {
                    let store = Store::open(dir, StoreOptions::default()).unwrap();
                    let user = owner(n, &format!("user{n}"));
                    store.transaction("test", |tx| tx.claim_owner(&user, &Claim::first(user.created))).unwrap();
                });
            }
        });
        let store = Store::open(temp.path(), StoreOptions::default()).unwrap();
        assert_eq!(store.list_owners(0, 10).unwrap().items.len(), 4);
    }

    #[test]
    fn every_commit_is_synced_and_the_limit_is_in_pages() {
        let temp = tempfile::tempdir().unwrap();
        let options = StoreOptions { max_bytes: Some(8 << 20), readers: 1, ..StoreOptions::default() };
        let store = Store::open(temp.path(), options).unwrap();
        let pragma = |name| {
            store
                .write("test", |conn| {
                    Ok(conn.sqlite()?.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))?)
                })
                .unwrap()
        };
        assert_eq!(pragma("journal_mode"), String::from("wal").into());
        assert_eq!(pragma("synchronous"), 2.into());
        assert_eq!(pragma("foreign_keys"), 1.into());
        assert_eq!(pragma("max_page_count"), 2048.into());
    }
}
