//! The connections: one that writes, a few that read, and the transaction around every call.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::{Connection, TransactionBehavior};

use super::Result;
use super::error::{Fault, Work};
use super::open::open_reader;

/// An open store: cheap to clone, callable from any thread. All calls block, so async code calls them elsewhere.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    /// The database file, for messages and further connections.
    path: PathBuf,
    /// SQLite has one writer at a time; waiting here is fairer and cheaper than waiting for its lock.
    writer: Mutex<Connection>,
    readers: Mutex<Readers>,
    /// Told when a read ends.
    freed: Condvar,
    /// Most reads at the same time.
    limit: usize,
}

/// Readers are opened when they are first wanted: most processes never need all of them.
#[derive(Default)]
struct Readers {
    idle: Vec<Connection>,
    busy: usize,
}

impl Store {
    pub(super) fn new(path: PathBuf, writer: Connection, readers: usize) -> Self {
        let shared = Shared {
            path,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            freed: Condvar::new(),
            limit: readers.max(1),
        };
        Self { shared: Arc::new(shared) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Runs `work` on one consistent state of the database.
    pub(super) fn read<T>(&self, doing: &'static str, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        let _permit = Permit::wait(&self.shared);
        let idle = lock(&self.shared.readers).idle.pop();
        let mut conn = idle.map_or_else(|| open_reader(self.path()), Ok)?;
        let result = conn.transaction().map_err(Fault::from).and_then(|tx| work(&tx));
        lock(&self.shared.readers).idle.push(conn);
        result.map_err(|fault| fault.into_error(doing, self.path()))
    }

    /// Runs `work` in a transaction: when it returns, all of it is on the disk; when it fails, nothing is.
    pub(super) fn write<T>(&self, doing: &'static str, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        let mut writer = lock(&self.shared.writer);
        let result = in_transaction(&mut writer, work);
        result.map_err(|fault| fault.into_error(doing, self.path()))
    }

    /// Runs `work` on the writer and takes it back; `None` if the writer is at work for somebody else.
    pub(super) fn rehearse<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Work<T>,
    ) -> Result<Option<T>> {
        let mut writer = match self.shared.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        let rehearsal = |conn: &mut Connection| work(&*conn.transaction_with_behavior(TransactionBehavior::Immediate)?);
        rehearsal(&mut writer).map(Some).map_err(|fault| fault.into_error(doing, self.path()))
    }
}

fn in_transaction<T>(conn: &mut Connection, work: impl FnOnce(&Connection) -> Work<T>) -> Work<T> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&tx)?;
    tx.commit()?;
    Ok(value)
}

/// A thread that panicked left no half-done work behind: its transaction was rolled back on the way out.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to read, given back when dropped, also by a panic.
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
