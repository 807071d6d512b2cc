//! A copy of a database file while it is written to.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, TransactionBehavior};

use super::driver::begin;
use crate::store::db::engine::Connection as AnyConnection;
use crate::store::db::error::{Fault, StoreError, Work};

pub(in crate::store) const DOING: &str = "copy the database";

/// How many pages of the database are copied at a time.
const PAGES: i32 = 1024;

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Pages that are copied.
    pub pages: u64,
    /// All pages.
    pub of: u64,
}

/// Copies all pages in one read transaction, so all come from one state of the database. Returns whether it came to the
/// end.
pub(in crate::store) fn copy(source: &AnyConnection, to: &Path, goes_on: &mut dyn FnMut(Copied) -> bool) -> Work<bool> {
    let mut target = Connection::open(to)?;
    // The copy needs no journal: it is deleted if anything fails, and synced as a whole.
    target.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "OFF")?;
    let state = begin(source.sqlite()?, TransactionBehavior::Deferred)?;
    // A transaction begins with its first read.
    state.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    let backup = Backup::new(&state, &mut target)?;
    loop {
        let step = backup.step(PAGES)?;
        let so_far = backup.progress();
        let count = |pages| u64::try_from(pages).unwrap_or(0);
        if !goes_on(Copied { pages: count(so_far.pagecount - so_far.remaining), of: count(so_far.pagecount) }) {
            return Ok(false);
        }
        match step {
            StepResult::Done => return Ok(true),
            StepResult::More => {}
            _ => return Err(Fault::Refused(StoreError::Busy { doing: DOING, path: to.into() })),
        }
    }
}
