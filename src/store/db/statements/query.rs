//! Functions that run statements. Each statement is prepared once per connection and cached.

use super::sql_values::Count;
use crate::store::db::engine::{Connection, Params, Row, SqlResult};
use crate::store::db::error::{StoreError, Work};

/// Reads one record from a row.
pub(in crate::store) type Read<T> = fn(&Row<'_>) -> SqlResult<T>;

/// The first row, if there is one.
pub(in crate::store) fn one<T>(conn: &Connection, sql: &str, params: impl Params, read: Read<T>) -> Work<Option<T>> {
    let mut first = None;
    conn.query(sql, params, |row| {
        first = Some(read(row)?);
        Ok(false)
    })?;
    Ok(first)
}

/// All rows.
pub(in crate::store) fn all<T>(conn: &Connection, sql: &str, params: impl Params, read: Read<T>) -> Work<Vec<T>> {
    let mut rows = vec![];
    conn.query(sql, params, |row| {
        rows.push(read(row)?);
        Ok(true)
    })?;
    Ok(rows)
}

/// The number in the only column of the only row; 0 if there is none.
pub(in crate::store) fn count(conn: &Connection, sql: &str, params: impl Params) -> Work<u64> {
    Ok(one(conn, sql, params, |row| row.get::<_, Count>(0))?.map_or(0, |Count(number)| number))
}

/// Whether there is any row.
pub(in crate::store) fn exists(conn: &Connection, sql: &str, params: impl Params) -> Work<bool> {
    Ok(conn.exists(sql, params)?)
}

/// Inserts a row into a table whose key is a number, `id`. Returns that of the new row.
pub(in crate::store) fn insert(conn: &Connection, sql: &str, params: impl Params) -> Work<i64> {
    let id = conn.insert(sql, params)?;
    Ok(id.ok_or_else(|| StoreError::Missing("what a new row belongs to".into()))?)
}

/// Changes rows, and returns their number.
pub(in crate::store) fn run(conn: &Connection, sql: &str, params: impl Params) -> SqlResult<usize> {
    conn.execute(sql, params)
}
