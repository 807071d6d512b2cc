//! One row of a result.

use super::sql_error::{SqlError, SqlResult};
use super::value::{FromSql, FromSqlError, ValueRef};
#[cfg(feature = "cluster")]
use crate::store::db::postgres::driver as postgres;
use crate::store::db::sqlite::driver as sqlite;

/// A row, as long as it is read.
pub(in crate::store) enum Row<'r> {
    Sqlite(&'r sqlite::Row<'r>),
    #[cfg(feature = "cluster")]
    Postgres(&'r postgres::Row),
}

/// A column, by its number from 0 or by its name.
pub(in crate::store) trait Column: Copy {
    /// Its name, or number, for people.
    fn shown(self) -> String;

    /// Its value in a row of SQLite.
    fn of_sqlite<'r>(self, row: &'r sqlite::Row<'r>) -> SqlResult<ValueRef<'r>>;

    /// Its value in a row of PostgreSQL.
    #[cfg(feature = "cluster")]
    fn of_postgres(self, row: &postgres::Row) -> SqlResult<ValueRef<'_>>;
}

impl Column for usize {
    fn shown(self) -> String {
        self.to_string()
    }

    fn of_sqlite<'r>(self, row: &'r sqlite::Row<'r>) -> SqlResult<ValueRef<'r>> {
        sqlite::column(row, self)
    }

    #[cfg(feature = "cluster")]
    fn of_postgres(self, row: &postgres::Row) -> SqlResult<ValueRef<'_>> {
        postgres::column(row, self)
    }
}

impl Column for &str {
    fn shown(self) -> String {
        self.to_owned()
    }

    fn of_sqlite<'r>(self, row: &'r sqlite::Row<'r>) -> SqlResult<ValueRef<'r>> {
        sqlite::column(row, self)
    }

    #[cfg(feature = "cluster")]
    fn of_postgres(self, row: &postgres::Row) -> SqlResult<ValueRef<'_>> {
        postgres::column(row, self)
    }
}

impl Row<'_> {
    /// A column as it is stored.
    pub(in crate::store) fn get_ref(&self, column: impl Column) -> SqlResult<ValueRef<'_>> {
        match self {
            Self::Sqlite(row) => column.of_sqlite(row),
            #[cfg(feature = "cluster")]
            Self::Postgres(row) => column.of_postgres(row),
        }
    }

    /// The value of a column.
    pub(in crate::store) fn get<C: Column, T: FromSql>(&self, column: C) -> SqlResult<T> {
        let unreadable = |source| SqlError::Column { column: column.shown(), source };
        T::column_result(self.get_ref(column)?).map_err(unreadable)
    }

    /// The text of a column, borrowed.
    pub(in crate::store) fn text(&self, column: impl Column) -> SqlResult<&str> {
        let unreadable = |source: FromSqlError| SqlError::Column { column: column.shown(), source };
        self.get_ref(column)?.as_str().map_err(unreadable)
    }

    /// The bytes of a column, borrowed.
    pub(in crate::store) fn blob(&self, column: impl Column) -> SqlResult<&[u8]> {
        let unreadable = |source: FromSqlError| SqlError::Column { column: column.shown(), source };
        self.get_ref(column)?.as_blob().map_err(unreadable)
    }
}
