//! The few ways in which statements are run. All are prepared once per connection and kept.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::error::Work;
use super::lists::Page;
use super::values::Count;

/// Reads one record out of a row.
pub(super) type Read<T> = fn(&Row<'_>) -> rusqlite::Result<T>;

/// The first row, if there is one.
pub(super) fn one<T>(conn: &Connection, sql: &str, params: impl Params, read: Read<T>) -> Work<Option<T>> {
    Ok(conn.prepare_cached(sql)?.query_row(params, read).optional()?)
}

/// All rows.
pub(super) fn all<T>(conn: &Connection, sql: &str, params: impl Params, read: Read<T>) -> Work<Vec<T>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The number in the only column of the only row.
pub(super) fn count(conn: &Connection, sql: &str, params: impl Params) -> Work<u64> {
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| row.get::<_, Count>(0))?.0)
}

/// Whether there is any row.
pub(super) fn exists(conn: &Connection, sql: &str, params: impl Params) -> Work<bool> {
    Ok(conn.prepare_cached(sql)?.exists(params)?)
}

/// Changes rows, and says how many.
pub(super) fn run(conn: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
    conn.prepare_cached(sql)?.execute(params)
}

/// Which part of a list is wanted. A statement that is cut ends in `LIMIT :limit OFFSET :offset`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    offset: u64,
    limit: u64,
}

impl Cut {
    /// At most `limit` items (at least one, or a reader of all pages would not end) behind the first `offset`.
    pub(super) fn new(offset: u64, limit: u64) -> Self {
        Self { offset, limit: limit.max(1) }
    }

    /// One row more than wanted, to know whether there is a next page.
    pub(super) fn limit(self) -> Count {
        Count(self.limit.saturating_add(1))
    }

    pub(super) fn offset(self) -> Count {
        Count(self.offset)
    }

    /// The page made of the rows that [`Cut::limit`] let through.
    pub(super) fn page<T>(self, mut items: Vec<T>) -> Page<T> {
        let more = items.len() as u64 > self.limit;
        if more {
            items.pop();
        }
        Page { items, next: more.then(|| self.offset + self.limit) }
    }
}
