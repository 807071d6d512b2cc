//! Errors of statements, before the store puts them into words.

use super::reason::Reason;
use super::value::FromSqlError;
#[cfg(feature = "cluster")]
use crate::store::db::postgres::failure as postgres;
use crate::store::db::sqlite::failure as sqlite;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum SqlError {
    /// SQLite's reason.
    #[error(transparent)]
    Sqlite(#[from] sqlite::Error),
    /// PostgreSQL's reason.
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Postgres(#[from] postgres::Error),
    /// The statement is one for SQLite alone.
    #[cfg(feature = "cluster")]
    #[error("the database is not one of SQLite")]
    NotSqlite,
    /// A stored value is not one of its column.
    #[error("the column {column} cannot be read: {source}")]
    Column {
        /// The name or the number of the column.
        column: String,
        /// What is wrong with the value.
        source: FromSqlError,
    },
}

pub(in crate::store) type SqlResult<T> = Result<T, SqlError>;

impl SqlError {
    pub(in crate::store) fn reason(&self) -> Reason {
        match self {
            Self::Sqlite(error) => sqlite::reason(error),
            #[cfg(feature = "cluster")]
            Self::Postgres(error) => postgres::reason(error),
            #[cfg(feature = "cluster")]
            Self::NotSqlite => Reason::OtherEngine,
            Self::Column { .. } => Reason::Undecodable,
        }
    }
}
