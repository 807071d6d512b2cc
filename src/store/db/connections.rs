//! The connections: one for writing, a few for reading, and the transaction around every call.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use super::damage::Damage;
use super::engine::stale::Stale;
use super::engine::{Connection, SqlError};
use super::error::{Fault, Result, StoreError, Work};
use super::known_changes::KnownChanges;
use super::origin::Origin;
#[cfg(feature = "cluster")]
use super::postgres::{
    address::DatabaseAddress,
    migrate::{self, Purpose},
};
use super::retries::with_retries;
use super::sqlite::open::{StoreOptions, open_copy, open_existing, open_writer};
#[cfg(feature = "cluster")]
use super::statements::query::count;
use super::transaction::Transaction;
use super::unfinished_copy::unfinished_copy;
use crate::fail_point::{self, FailPoint};
use crate::model::{ModuleId, Quotas};
#[cfg(feature = "cluster")]
use crate::store::blobs::blob_store::BlobStore;
use crate::store::blobs::place::BlobPlace;

/// An open store: cheap to clone, callable from any thread. All calls block, so async code must call them on a thread
/// that may block.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    /// Where crates are that are not in the database.
    blobs: BlobPlace,
}

struct Shared {
    /// Where the database is.
    origin: Origin,
    readers: Mutex<Readers>,
    /// Notified when a read ends.
    freed: Condvar,
    /// The most reads at the same time.
    limit: usize,
    damage: Damage,
    /// Whether the last write failed, for any reason.
    last_write_failed: AtomicBool,
    /// The quotas of one owner.
    quotas: Quotas,
    /// The changes of all nodes that this process knows of.
    known_changes: KnownChanges,
    /// SQLite has one writer at a time; waiting for this mutex is fairer and cheaper than waiting for SQLite's lock.
    ///
    /// The last field, because it must be closed last: only a connection that may write can merge the write-ahead log
    /// into the database and remove it.
    writer: Mutex<Connection>,
}

/// The connections for reading. Each is opened when it is first needed: most processes never need all.
#[derive(Default)]
struct Readers {
    idle: Vec<Connection>,
    busy: usize,
}

impl Store {
    /// Opens the store in `dir`, which must exist; creates the database if there is none.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`], [`StoreError::NotADatabase`] and [`StoreError::Newer`] name the file;
    /// [`StoreError::Full`] if the disk has no room to update the format.
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self> {
        if let Some(source_place) = unfinished_copy(dir) {
            return Err(StoreError::UnfinishedCopy { path: dir.into(), source_place });
        }
        let (path, writer) = open_writer(dir, options)?;
        Ok(Self::over(Origin::file(path)?, writer, options))
    }

    /// Opens the store in the database at `address`, which must exist; makes its tables if there are none.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if the server does not answer, [`StoreError::CannotOpen`] if it refuses,
    /// [`StoreError::NotADatabase`] if the database holds something else, and [`StoreError::Newer`].
    #[cfg(feature = "cluster")]
    pub fn connect(address: &DatabaseAddress, options: StoreOptions) -> Result<Self> {
        let (origin, writer) = Origin::connect(address.clone(), "open the database", Purpose::Serve)?;
        Ok(Self::over(origin, writer, options))
    }

    /// Opens the store in the database at `address`, in which a server has made one.
    ///
    /// # Errors
    /// Those of [`Store::connect`]; [`StoreError::NoRegistry`] if no server has.
    #[cfg(feature = "cluster")]
    pub fn connect_existing(address: &DatabaseAddress, options: StoreOptions) -> Result<Self> {
        let (origin, writer) = Origin::connect(address.clone(), "open the database", Purpose::Use)?;
        Ok(Self::over(origin, writer, options))
    }

    /// Opens the store in the database at `address` for a copy of the one in the place `source`; it must have none but the
    /// beginning of that copy.
    #[cfg(feature = "cluster")]
    pub(in crate::store) fn connect_to_copy(address: &DatabaseAddress, source: &str) -> Result<Self> {
        let (origin, writer) = Origin::connect(address.clone(), "open the database", Purpose::Copy(source))?;
        Ok(Self::over(origin, writer, StoreOptions::default()))
    }

    /// Opens the store in `dir` for reading, beside a server or without one; every write is refused. A database of an
    /// older format is not updated.
    ///
    /// # Errors
    /// Those of [`Store::open`]; [`StoreError::CannotOpen`] if there is no database.
    pub fn open_to_read(dir: &Path) -> Result<Self> {
        let (path, conn) = open_existing(dir)?;
        Ok(Self::over(Origin::file(path)?, conn, StoreOptions::default()))
    }

    /// Opens a copy, the file `path`, for reading. Nobody may write to it meanwhile.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`].
    pub fn open_copy(path: &Path) -> Result<Self> {
        let conn = open_copy(path)?;
        Ok(Self::over(Origin::copy(path.into())?, conn, StoreOptions::default()))
    }

    fn over(origin: Origin, writer: Connection, options: StoreOptions) -> Self {
        let shared = Shared {
            origin,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            freed: Condvar::new(),
            limit: options.readers.max(1),
            damage: Damage::default(),
            last_write_failed: AtomicBool::new(false),
            quotas: options.quotas,
            known_changes: KnownChanges::default(),
        };
        Self { shared: Arc::new(shared), blobs: BlobPlace::default() }
    }

    /// The same store with its new crates in `blobs`. Those that are in the database stay there.
    #[cfg(feature = "cluster")]
    #[must_use]
    pub fn with_blobs(self, blobs: BlobStore) -> Self {
        Self { blobs: BlobPlace::of(blobs), ..self }
    }

    /// The place in an object store for new crates, as `s3://bucket/prefix`; absent if they are in the database.
    #[must_use]
    pub fn crates_elsewhere(&self) -> Option<&str> {
        self.blobs.shown()
    }

    /// Refuses a database of a newer format, even one that this program can serve.
    pub(in crate::store) fn require_known_format(&self) -> Result<()> {
        #[cfg(feature = "cluster")]
        if self.is_shared() {
            let known = migrate::newest(migrate::MIGRATIONS);
            let found = self.read("read the format", |conn| count(conn, "SELECT format FROM registry_format", []))?;
            let found = u32::try_from(found).unwrap_or(u32::MAX);
            if found > known {
                return Err(StoreError::Newer { path: self.path().into(), found, known });
            }
        }
        Ok(())
    }

    pub(in crate::store) fn blob_place(&self) -> &BlobPlace {
        &self.blobs
    }

    /// Whether other processes serve the same store. A data directory is locked by the one that serves it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.origin.is_shared()
    }

    pub(in crate::store) fn quotas(&self) -> &Quotas {
        &self.shared.quotas
    }

    pub(in crate::store) fn path(&self) -> &Path {
        self.shared.origin.path()
    }

    /// A connection for reading, beside the few that the store keeps.
    pub(in crate::store) fn further_reader(&self) -> Result<Connection> {
        self.shared.origin.open_reader()
    }

    /// Refuses what only a database file can do.
    pub(in crate::store) fn check_is_file(&self, doing: &'static str) -> Result<()> {
        if self.is_shared() { Err(StoreError::ServersOwn { doing }) } else { Ok(()) }
    }

    pub(in crate::store) fn damage(&self) -> &Damage {
        &self.shared.damage
    }

    /// Translates the failure of a call, and notes a damaged record.
    pub(in crate::store) fn explain(&self, fault: Fault, doing: &'static str) -> StoreError {
        self.damage().explain(fault, doing, self.path())
    }

    /// Runs `work` on one consistent state of the database.
    pub(in crate::store) fn read<T>(&self, doing: &'static str, work: impl Fn(&Connection) -> Work<T>) -> Result<T> {
        self.on_reader(doing, |conn| {
            with_retries(conn, || {
                let _begun = conn.begin_reading()?;
                work(conn)
            })
        })
    }

    /// Runs `work` on a connection for reading.
    pub(super) fn on_reader<T>(&self, doing: &'static str, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        let _permit = Permit::wait(&self.shared);
        let idle = lock(&self.shared.readers).idle.pop();
        let conn = idle.map_or_else(|| self.further_reader(), Ok)?;
        let result = work(&conn);
        lock(&self.shared.readers).idle.push(conn);
        result.map_err(|fault| self.explain(fault, doing))
    }

    /// Runs `work` in one transaction: when this returns, all changes are on the disk; when `work` fails with any
    /// error, none is. `work` must not write through the store, which would wait for itself.
    ///
    /// # Errors
    /// The errors of `work`, and when the database cannot be written.
    pub fn transaction<T, E: From<StoreError>>(
        &self,
        doing: &'static str,
        work: impl Fn(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.run_transaction(doing, Stale::Everything, work)
    }

    /// Like [`Store::transaction`], for changes of nothing but the content of `modules`, that is commits, labels, jobs and
    /// SDKs: nodes that share the store go on with what they have cached of other modules.
    ///
    /// # Errors
    /// Those of [`Store::transaction`].
    pub fn transaction_in<T, E: From<StoreError>>(
        &self,
        modules: &[ModuleId],
        doing: &'static str,
        work: impl Fn(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.run_transaction(doing, Stale::Modules(modules), work)
    }

    fn run_transaction<T, E: From<StoreError>>(
        &self,
        doing: &'static str,
        stale: Stale<'_>,
        work: impl Fn(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let writer = lock(&self.shared.writer);
        self.check_place(doing)?;
        let fault = |error: SqlError| self.explain(error.into(), doing).into();
        let (path, damage, quotas) = (self.path(), self.damage(), self.quotas());
        let work = |conn: &Connection| work(&Transaction { conn, doing, path, damage, quotas });
        let value = self.remember(in_transaction(&writer, stale, work, fault))?;
        self.check_place(doing)?;
        Ok(value)
    }

    /// Runs `work` in a transaction: when this returns, all changes are on the disk; when `work` fails, none is. It changes
    /// nothing but the content of `modules`, as in [`Store::transaction_in`].
    ///
    /// A deleted database file can still be written, but its content is lost when the process ends. So this checks that
    /// the file is at its path before the write, and again before it reports success.
    pub(in crate::store) fn write_in<T>(
        &self,
        modules: &[ModuleId],
        doing: &'static str,
        work: impl Fn(&Connection) -> Work<T>,
    ) -> Result<T> {
        self.write_on(&lock(&self.shared.writer), doing, Stale::Modules(modules), work)
    }

    /// Like [`Store::write_in`], for changes of anything.
    #[cfg(test)]
    pub(in crate::store) fn write<T>(&self, doing: &'static str, work: impl Fn(&Connection) -> Work<T>) -> Result<T> {
        self.write_on(&lock(&self.shared.writer), doing, Stale::Everything, work)
    }

    /// Like [`Store::write_in`], for changes that no answer depends on: other nodes do not learn of them.
    pub(in crate::store) fn write_quietly<T>(
        &self,
        doing: &'static str,
        work: impl Fn(&Connection) -> Work<T>,
    ) -> Result<T> {
        self.write_on(&lock(&self.shared.writer), doing, Stale::Nothing, work)
    }

    /// Like [`Store::write_quietly`], but `None` if another call holds the writer and the last write succeeded.
    pub(in crate::store) fn try_write<T>(
        &self,
        doing: &'static str,
        work: impl Fn(&Connection) -> Work<T>,
    ) -> Result<Option<T>> {
        let writer = match self.shared.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if self.shared.last_write_failed.load(Ordering::Relaxed) => {
                lock(&self.shared.writer)
            }
            Err(TryLockError::WouldBlock) => return self.check_place(doing).map(|()| None),
        };
        self.write_on(&writer, doing, Stale::Nothing, work).map(Some)
    }

    fn write_on<T>(
        &self,
        writer: &Connection,
        doing: &'static str,
        stale: Stale<'_>,
        work: impl Fn(&Connection) -> Work<T>,
    ) -> Result<T> {
        self.check_place(doing)?;
        let value = self
            .remember(in_transaction(writer, stale, work, Fault::from))
            .map_err(|fault| self.explain(fault, doing))?;
        self.check_place(doing)?;
        Ok(value)
    }

    /// Remembers the outcome of a write: whether it failed, and the number of the change.
    fn remember<T, E>(&self, written: std::result::Result<(T, Option<u64>), E>) -> std::result::Result<T, E> {
        self.shared.last_write_failed.store(written.is_err(), Ordering::Relaxed);
        let (value, number) = written?;
        if let Some(number) = number {
            self.known_changes().add_own(number);
        }
        Ok(value)
    }

    pub(super) fn known_changes(&self) -> &KnownChanges {
        &self.shared.known_changes
    }

    /// Checks that the database is still where it was opened.
    pub(super) fn check_place(&self, doing: &'static str) -> Result<()> {
        self.shared.origin.check(doing)
    }
}

/// The value of `work`, and the number that the database gives to the change.
fn in_transaction<T, E>(
    conn: &Connection,
    stale: Stale<'_>,
    work: impl Fn(&Connection) -> std::result::Result<T, E>,
    fault: impl Fn(SqlError) -> E,
) -> std::result::Result<(T, Option<u64>), E> {
    with_retries(conn, || {
        let begun = conn.begin_writing().map_err(&fault)?;
        let value = work(conn)?;
        fail_point::reach(FailPoint::TransactionWritten);
        let number = begun.commit(stale).map_err(&fault)?;
        fail_point::reach(FailPoint::TransactionCommitted);
        Ok((value, number))
    })
}

/// Locks a mutex that a panic may have poisoned: the transaction of the thread that panicked was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The permit for one read, released when dropped, also by a panic.
struct Permit<'a>(&'a Shared);

impl<'a> Permit<'a> {
    fn wait(shared: &'a Shared) -> Self {
        let readers = lock(&shared.readers);
        let full = |readers: &mut Readers| readers.busy >= shared.limit;
        let mut readers = shared.freed.wait_while(readers, full).unwrap_or_else(PoisonError::into_inner);
        readers.busy += 1;
        Self(shared)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        lock(&self.0.readers).busy -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use crate::store::db::error::StoreError;
    use crate::store::db::error::Work;
    use crate::store::db::sqlite::open::StoreOptions;
    use crate::store::testing::{Scratch, owner, owner_id};

    #[test]
    fn reads_beyond_the_limit_wait_and_all_are_answered() {
        let store = Scratch::with(StoreOptions { readers: 2, ..StoreOptions::default() });
        store.create_owner(&owner(1, "acme")).unwrap();
        std::thread::scope(|scope| {
            let read = || store.owner_by_id(owner_id(1)).unwrap().is_some();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(move || (0..50).all(|_| read()))).collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        });
        assert!(super::lock(&store.shared.readers).idle.len() <= 2);
    }

    #[test]
    fn a_store_that_was_closed_is_one_file() {
        let store = Scratch::with_modules();
        assert!(store.owner_by_id(owner_id(1)).unwrap().is_some());
        let dir = store.close();
        let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["registry.db"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_database_that_was_moved_away_is_written_no_more() {
        let store = Scratch::with_modules();
        assert!(store.owner_by_id(owner_id(1)).unwrap().is_some(), "this opens a connection for reading");
        let (path, away) = (store.dir().join("registry.db"), store.dir().join("away.db"));
        std::fs::rename(&path, &away).unwrap();
        let error = store.create_owner(&owner(7, "late")).unwrap_err();
        assert!(matches!(error, StoreError::Displaced { .. }), "{error}");
        std::fs::write(&path, "something else").unwrap();
        assert!(matches!(store.check().unwrap_err(), StoreError::Displaced { .. }));
        assert!(store.owner_by_id(owner_id(1)).unwrap().is_some(), "an open database can still be read");
        std::fs::rename(&away, &path).unwrap();
        assert!(store.owner_by_id(owner_id(7)).unwrap().is_none());
        store.create_owner(&owner(7, "late")).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_was_written_while_the_database_went_away_is_not_acknowledged() {
        let store = Scratch::with_modules();
        let gone = store.write("test", |_| {
            std::fs::remove_file(store.dir().join("registry.db")).unwrap();
            Ok(())
        });
        assert!(matches!(gone.unwrap_err(), StoreError::Displaced { .. }));
    }

    #[test]
    fn a_call_that_panics_leaves_the_store_usable() {
        let store = Scratch::with(StoreOptions { readers: 1, ..StoreOptions::default() });
        let panicking = || {
            let _ = store.read("test", |_| -> Work<()> { std::panic::resume_unwind(Box::new(())) });
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panicking)).is_err());
        let writing = || {
            let _ = store.write("test", |conn| -> Work<()> {
                conn.execute_batch("DELETE FROM owners; CREATE TABLE t (x INTEGER)")?;
                std::panic::resume_unwind(Box::new(()))
            });
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(writing)).is_err());
        store.create_owner(&owner(1, "acme")).unwrap();
        assert!(store.owner_by_id(owner_id(1)).unwrap().is_some());
    }
}
