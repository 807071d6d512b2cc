//! A connection to the database, in one transaction at a time.

use super::params::Params;
use super::row::Row;
use super::sql_error::SqlResult;
use crate::store::db::error::Work;
use crate::store::db::sqlite::driver::{self as sqlite, TransactionBehavior};
use crate::store::db::sqlite::table_checksums;

/// A connection to one of the engines. One thread uses it at a time.
pub(in crate::store) enum Connection {
    /// To a database file.
    Sqlite(sqlite::Connection),
}

impl Connection {
    /// The connection to SQLite, for what only SQLite has.
    pub(in crate::store) fn sqlite(&self) -> SqlResult<&sqlite::Connection> {
        match self {
            Self::Sqlite(conn) => Ok(conn),
        }
    }

    /// Calls `each` with the rows of a statement, until it returns `false`.
    pub(in crate::store) fn query(
        &self,
        sql: &str,
        params: impl Params,
        mut each: impl FnMut(&Row<'_>) -> SqlResult<bool>,
    ) -> SqlResult<()> {
        match self {
            Self::Sqlite(conn) => sqlite::query(conn, sql, params, |row| each(&Row::Sqlite(row))),
        }
    }

    /// Runs a statement without rows. Returns how many it changed.
    pub(in crate::store) fn execute(&self, sql: &str, params: impl Params) -> SqlResult<usize> {
        match self {
            Self::Sqlite(conn) => sqlite::execute(conn, sql, params),
        }
    }

    /// Runs an `INSERT` of one row, or none, into a table whose key is a number, `id`. Returns that of the new row.
    pub(in crate::store) fn insert(&self, sql: &str, params: impl Params) -> SqlResult<Option<i64>> {
        match self {
            Self::Sqlite(conn) => Ok((sqlite::execute(conn, sql, params)? > 0).then(|| conn.last_insert_rowid())),
        }
    }

    /// The content of the blob `column` of the row that has the number `id` as its key, which is the column `key`.
    pub(in crate::store) fn blob(&self, table: &str, column: &str, key: &str, id: i64) -> SqlResult<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(conn) => {
                let mut is_there = false;
                let sql = format!("SELECT 1 FROM {table} WHERE {key} = ?1");
                sqlite::query(conn, &sql, [id], |_| {
                    is_there = true;
                    Ok(false)
                })?;
                is_there.then(|| sqlite::blob(conn, table, column, id)).transpose()
            }
        }
    }

    /// Runs statements without parameters.
    #[cfg(test)]
    pub(in crate::store) fn execute_batch(&self, sql: &str) -> SqlResult<()> {
        match self {
            Self::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
        }
    }

    /// Runs `work`, which puts rows back as the store wrote them before they were damaged: the sums of the tables are
    /// those of such rows, and stay.
    pub(in crate::store) fn put_back<T>(&self, work: impl FnOnce() -> Work<T>) -> Work<T> {
        match self {
            Self::Sqlite(conn) => {
                let sums = table_checksums::sums(conn)?;
                let done = work()?;
                table_checksums::set(conn, &sums)?;
                Ok(done)
            }
        }
    }

    /// Lets references be broken until the end of the transaction.
    pub(in crate::store) fn defer_references(&self) -> SqlResult<()> {
        match self {
            Self::Sqlite(conn) => Ok(conn.pragma_update(None, "defer_foreign_keys", true)?),
        }
    }

    /// Begins a transaction that reads one state of the database until it is dropped.
    pub(in crate::store) fn begin_reading(&self) -> SqlResult<Begun<'_>> {
        match self {
            Self::Sqlite(conn) => Ok(Begun::Sqlite(sqlite::begin(conn, TransactionBehavior::Deferred)?)),
        }
    }

    /// Begins a transaction that nobody else writes beside.
    pub(in crate::store) fn begin_writing(&self) -> SqlResult<Begun<'_>> {
        match self {
            Self::Sqlite(conn) => Ok(Begun::Sqlite(sqlite::begin(conn, TransactionBehavior::Immediate)?)),
        }
    }
}

/// A transaction of a connection. It is rolled back when it is dropped.
pub(in crate::store) enum Begun<'c> {
    Sqlite(sqlite::Transaction<'c>),
}

impl Begun<'_> {
    /// Makes the changes durable, and visible to others.
    pub(in crate::store) fn commit(self) -> SqlResult<()> {
        match self {
            Self::Sqlite(begun) => Ok(begun.commit()?),
        }
    }
}
