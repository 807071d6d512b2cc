//! Converts values of `model` to columns and back: ids and digests are blobs, names text, times microseconds.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};

use super::row_checksum::RowChecksum;
use crate::model::{
    CheckPluginId, CommitId, CrateName, DeclarationId, FilePath, FilesDigest, GatePolicy, LabelId, LabelName,
    ModuleDigest, ModuleId, OwnerId, OwnerName, PluginName, PluginVersion, RepositoryName, Revision, Scope, SdkVersion,
    Sha256Digest, Shake256Digest, Timestamp, TokenHash, TokenId, UniqueNames, WebhookEvents, WebhookId, WebhookSecret,
};

macro_rules! blobs {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map(Self::from_bytes)
            }
        }
    )*};
}

blobs!(
    CheckPluginId,
    CommitId,
    DeclarationId,
    LabelId,
    ModuleId,
    OwnerId,
    TokenId,
    WebhookId,
    WebhookSecret,
    Sha256Digest,
    Shake256Digest
);

macro_rules! wrapped {
    ($($type:ident),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map(Self)
            }
        }
    )*};
}

wrapped!(FilesDigest, ModuleDigest, Revision, RowChecksum, TokenHash);

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Owned(Value::Text(self.to_string())))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map_err(|error| FromSqlError::Other(Box::new(error)))
            }
        }
    )*};
}

texts!(
    CrateName,
    GatePolicy,
    OwnerName,
    PluginName,
    PluginVersion,
    RepositoryName,
    Scope,
    SdkVersion,
    UniqueNames,
    WebhookEvents
);

/// Names whose rules have become stricter: names stored before must stay readable.
macro_rules! stored_texts {
    ($($type:ident),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.as_str().as_bytes())))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Ok(Self::from_stored(value.as_str()?.to_owned()))
            }
        }
    )*};
}

stored_texts!(FilePath, LabelName);

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Integer(self.as_micros())))
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_micros)
    }
}

/// An enum without data is stored as a keyword.
macro_rules! keyword_column {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl rusqlite::ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                let word = match self { $(Self::$variant => $word),* };
                Ok(rusqlite::types::ToSqlOutput::Borrowed(rusqlite::types::ValueRef::Text(word.as_bytes())))
            }
        }

        impl rusqlite::types::FromSql for $type {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                match value.as_str()? {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(rusqlite::types::FromSqlError::InvalidType),
                }
            }
        }
    };
}
pub(in crate::store) use keyword_column;

/// A size, count or offset, which SQLite stores as a signed integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Count(pub(in crate::store) u64);

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Integer(i64::try_from(self.0).unwrap_or(i64::MAX))))
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Self).map_err(|_| FromSqlError::OutOfRange(number))
    }
}
