//! A connection to the database, in one transaction at a time.

use super::params::Params;
use super::row::Row;
use super::sql_error::SqlResult;
use super::stale::Stale;
use crate::store::db::error::Work;
#[cfg(feature = "cluster")]
use crate::store::db::postgres::driver as postgres;
use crate::store::db::sqlite::driver::{self as sqlite, TransactionBehavior};
use crate::store::db::sqlite::table_checksums;

/// A connection to one of the engines. One thread uses it at a time.
pub(in crate::store) enum Connection {
    /// To a database file.
    Sqlite(sqlite::Connection),
    /// To a server.
    #[cfg(feature = "cluster")]
    Postgres(Box<postgres::Session>),
}

impl Connection {
    /// The connection to SQLite, for what only SQLite has.
    pub(in crate::store) fn sqlite(&self) -> SqlResult<&sqlite::Connection> {
        match self {
            Self::Sqlite(conn) => Ok(conn),
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => Err(super::SqlError::NotSqlite),
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
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.query(sql, params, |row| each(&Row::Postgres(row))),
        }
    }

    /// Whether a statement has any row.
    pub(in crate::store) fn exists(&self, sql: &str, params: impl Params) -> SqlResult<bool> {
        let mut found = false;
        match self {
            Self::Sqlite(conn) => sqlite::query(conn, sql, params, |_| {
                found = true;
                Ok(false)
            })?,
            // A server sends all rows, whether they are read or not.
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.query(&format!("SELECT 1 WHERE EXISTS ({sql})"), params, |_| {
                found = true;
                Ok(false)
            })?,
        }
        Ok(found)
    }

    /// Runs a statement without rows. Returns how many it changed.
    pub(in crate::store) fn execute(&self, sql: &str, params: impl Params) -> SqlResult<usize> {
        match self {
            Self::Sqlite(conn) => sqlite::execute(conn, sql, params),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.execute(sql, params),
        }
    }

    /// Runs an `INSERT` of one row, or none, into a table whose key is a number, `id`. Returns that of the new row.
    pub(in crate::store) fn insert(&self, sql: &str, params: impl Params) -> SqlResult<Option<i64>> {
        match self {
            Self::Sqlite(conn) => Ok((sqlite::execute(conn, sql, params)? > 0).then(|| conn.last_insert_rowid())),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.insert(sql, params),
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
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => {
                let mut content = None;
                session.query(&format!("SELECT {column} FROM {table} WHERE {key} = ?1"), [id], |row| {
                    content = Some(Row::Postgres(row).get(0)?);
                    Ok(false)
                })?;
                Ok(content)
            }
        }
    }

    /// Runs statements without parameters.
    #[cfg(test)]
    pub(in crate::store) fn execute_batch(&self, sql: &str) -> SqlResult<()> {
        match self {
            Self::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.batch(sql),
        }
    }

    /// Writes a page, or a row, that does not change.
    pub(in crate::store) fn touch(&self) -> SqlResult<()> {
        match self {
            Self::Sqlite(conn) => {
                // Setting a header value to itself writes its page.
                let kept: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
                Ok(conn.pragma_update(None, "application_id", kept)?)
            }
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.touch(),
        }
    }

    /// The statement that counts the bytes in use.
    pub(in crate::store) fn bytes_in_use(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => {
                "SELECT (page_count - freelist_count) * page_size
                 FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
            }
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => "SELECT pg_database_size(current_database())",
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
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => work(),
        }
    }

    /// The columns of a table that hold truth values. SQLite has numbers for them.
    pub(in crate::store) fn truth_columns(&self, table: &str) -> SqlResult<Vec<String>> {
        let mut found = vec![];
        if !matches!(self, Self::Sqlite(_)) {
            let sql = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                       WHERE table_schema = current_schema() AND table_name = ?1 AND data_type = 'boolean'";
            self.query(sql, [table], |row| {
                found.push(row.get(0)?);
                Ok(true)
            })?;
        }
        Ok(found)
    }

    /// Lets the next row of a table whose rows were written with their numbers get the next number. SQLite does by itself.
    #[cfg_attr(not(feature = "cluster"), expect(unused_variables))]
    pub(in crate::store) fn continue_numbers(&self, table: &str) -> SqlResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.batch(&format!(
                "DO 'BEGIN IF pg_get_serial_sequence(''{table}'', ''id'') IS NOT NULL THEN
                     PERFORM setval(pg_get_serial_sequence(''{table}'', ''id''),
                                    coalesce((SELECT max(id) FROM {table}), 0) + 1, FALSE); END IF;
                 EXCEPTION WHEN undefined_column THEN NULL; END'"
            )),
        }
    }

    /// Lets a database be served that a registry was copied into. A file says that by its name.
    #[cfg(feature = "cluster")]
    pub(in crate::store) fn end_copy(&self) -> SqlResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.batch("DROP TABLE unfinished_copy"),
        }
    }

    /// Lets references be broken until the end of the transaction.
    pub(in crate::store) fn defer_references(&self) -> SqlResult<()> {
        match self {
            Self::Sqlite(conn) => Ok(conn.pragma_update(None, "defer_foreign_keys", true)?),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.batch("SET CONSTRAINTS ALL DEFERRED"),
        }
    }

    /// Whether the last transaction failed only for now, and nothing was kept of it. SQLite's writers wait for each other.
    pub(in crate::store) fn may_try_again(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.may_try_again(),
        }
    }

    /// Begins a transaction that reads one state of the database until it is dropped.
    pub(in crate::store) fn begin_reading(&self) -> SqlResult<Begun<'_>> {
        match self {
            Self::Sqlite(conn) => Ok(Begun::Sqlite(sqlite::begin(conn, TransactionBehavior::Deferred)?)),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => Ok(Begun::Postgres(session.begin(postgres::Access::Read)?)),
        }
    }

    /// Begins a single statement, which is a transaction by itself: one that asks a server costs one answer, not three.
    pub(in crate::store) fn begin_statement(&self) -> SqlResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => session.begin_statement(),
        }
    }

    /// Begins a transaction that nobody else writes beside.
    pub(in crate::store) fn begin_writing(&self) -> SqlResult<Begun<'_>> {
        match self {
            Self::Sqlite(conn) => Ok(Begun::Sqlite(sqlite::begin(conn, TransactionBehavior::Immediate)?)),
            #[cfg(feature = "cluster")]
            Self::Postgres(session) => Ok(Begun::Postgres(session.begin(postgres::Access::Write)?)),
        }
    }
}

/// A transaction of a connection. It is rolled back when it is dropped.
pub(in crate::store) enum Begun<'c> {
    Sqlite(sqlite::Transaction<'c>),
    #[cfg(feature = "cluster")]
    Postgres(postgres::Transaction<'c>),
}

impl Begun<'_> {
    /// Makes the changes durable, and visible to others. Returns the number of this change among those of all nodes, if
    /// they count them and something is stale by it.
    pub(in crate::store) fn commit(self, stale: Stale<'_>) -> SqlResult<Option<u64>> {
        match (self, stale) {
            (Self::Sqlite(begun), _) => Ok(begun.commit().map(|()| None)?),
            #[cfg(feature = "cluster")]
            (Self::Postgres(begun), stale) => begun.commit(stale),
        }
    }
}
