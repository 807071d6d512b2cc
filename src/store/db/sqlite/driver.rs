//! Statements on SQLite. Each is prepared once per connection and cached; parameters and columns are borrowed.

use rusqlite::types::ToSqlOutput;
use rusqlite::{CachedStatement, Error, RowIndex};

use crate::store::db::engine::params::{Parameter, Params};
use crate::store::db::engine::sql_error::SqlResult;
use crate::store::db::engine::value::{Value, ValueRef};
use crate::store::db::error::Fault;

pub(in crate::store) use rusqlite::{Connection, Row, Transaction, TransactionBehavior};

/// Calls `each` with the rows, until it returns `false`.
pub(in crate::store) fn query(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut each: impl FnMut(&Row<'_>) -> SqlResult<bool>,
) -> SqlResult<()> {
    let mut statement = bound(conn, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        if !each(row)? {
            break;
        }
    }
    Ok(())
}

/// Runs a statement without rows. Returns how many it changed.
pub(in crate::store) fn execute(conn: &Connection, sql: &str, params: impl Params) -> SqlResult<usize> {
    Ok(bound(conn, sql, params)?.raw_execute()?)
}

/// The content of a blob in the row with the number `row`, read into its place without another copy. There must be one.
pub(in crate::store) fn blob(conn: &Connection, table: &str, column: &str, row: i64) -> SqlResult<Vec<u8>> {
    let blob = conn.blob_open("main", table, column, row, true)?;
    let mut bytes = vec![0; blob.len()];
    blob.read_at_exact(&mut bytes, 0)?;
    Ok(bytes)
}

/// Begins a transaction, which is rolled back when it is dropped.
pub(in crate::store) fn begin(conn: &Connection, behavior: TransactionBehavior) -> SqlResult<Transaction<'_>> {
    Ok(Transaction::new_unchecked(conn, behavior)?)
}

/// The value of a column.
pub(in crate::store) fn column<'r>(row: &'r Row<'_>, column: impl RowIndex) -> SqlResult<ValueRef<'r>> {
    use rusqlite::types::ValueRef as Stored;
    Ok(match row.get_ref(column)? {
        Stored::Null => ValueRef::Null,
        Stored::Integer(number) => ValueRef::Integer(number),
        Stored::Real(number) => ValueRef::Real(number),
        Stored::Text(text) => ValueRef::Text(text),
        Stored::Blob(bytes) => ValueRef::Blob(bytes),
    })
}

fn bound<'c>(conn: &'c Connection, sql: &str, params: impl Params) -> SqlResult<CachedStatement<'c>> {
    let mut statement = conn.prepare_cached(sql)?;
    let expected = statement.parameter_count();
    let mut count = 0;
    params.each(&mut |parameter, value| {
        count += 1;
        match parameter {
            Parameter::Number(number) if number > expected => {}
            Parameter::Number(number) => statement.raw_bind_parameter(number, Borrowed(value))?,
            Parameter::Name(name) => {
                let number = statement.parameter_index(name)?;
                let number = number.ok_or_else(|| Error::InvalidParameterName(name.to_owned()))?;
                statement.raw_bind_parameter(number, Borrowed(value))?;
            }
        }
        Ok(())
    })?;
    if count != expected {
        return Err(Error::InvalidParameterCount(count, expected).into());
    }
    Ok(statement)
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error.into())
    }
}

/// A parameter in the terms of rusqlite.
struct Borrowed<'a>(Value<'a>);

impl rusqlite::ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef as Bound;
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            Value::Null(_) => Bound::Null,
            Value::Truth(is_true) => Bound::Integer(i64::from(*is_true)),
            Value::Integer(number) => Bound::Integer(*number),
            Value::Text(text) => Bound::Text(text.as_bytes()),
            Value::Blob(bytes) => Bound::Blob(bytes),
        }))
    }
}
