//! The store's view of a database: connections, rows, and values, whichever engine is below. What an engine alone has is
//! in the folder beside this one that has its name.

pub(in crate::store) mod connection;
pub(in crate::store) mod params;
pub(in crate::store) mod reason;
pub(in crate::store) mod row;
pub(in crate::store) mod sql_error;
pub(in crate::store) mod stale;
pub(in crate::store) mod value;
pub(in crate::store) mod words;

pub(in crate::store) use connection::Connection;
pub(in crate::store) use params::{Params, named_params, params};
pub(in crate::store) use row::Row;
pub(in crate::store) use sql_error::{SqlError, SqlResult};
pub(in crate::store) use value::{FromSql, FromSqlError, FromSqlResult, Kind, ToSql, Value, ValueRef};
pub(in crate::store) use words::WordIndex;
