//! Runs statements, and converts values of `model` to columns: everything that the files of the tables share.

pub(in crate::store) mod pagination;
pub(in crate::store) mod query;
pub(in crate::store) mod row_checksum;
pub(in crate::store) mod sql_values;
