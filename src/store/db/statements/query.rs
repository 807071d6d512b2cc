//! Functions that run statements. Each statement is prepared once per connection and cached.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::sql_values::Count;
use crate::store::db::error::Work;

/// Reads one record from a row.
pub(in crate::store) type Read<T> = fn(&Row<'_>) -> rusqlite::Result<T>;

/// The first row, if there is one.
pub(in crate::store) fn one<T>(conn: &Connection, sql: &str, params: impl Params, read: Read<T>) -> Work<Option<T>> {
    Ok(conn.prepare_cached(sql)?.query_row(params, read).optional()?)
}

/// All rows.
pub(in crate::store) fn all<T>(conn: &Connection, sql: &str, params: impl Params, read: Read<T>) -> Work<Vec<T>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The number in the only column of the only row.
pub(in crate::store) fn count(conn: &Connection, sql: &str, params: impl Params) -> Work<u64> {
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| row.get::<_, Count>(0))?.0)
}

/// Whether there is any row.
pub(in crate::store) fn exists(conn: &Connection, sql: &str, params: impl Params) -> Work<bool> {
    Ok(conn.prepare_cached(sql)?.exists(params)?)
}

/// Changes rows, and returns their number.
pub(in crate::store) fn run(conn: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
    conn.prepare_cached(sql)?.execute(params)
}
