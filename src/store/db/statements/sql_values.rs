//! Converts values of `model` to columns and back: ids and digests are blobs, names text, times microseconds.

use std::borrow::Cow;

use super::row_checksum::RowChecksum;
use crate::model::{
    CheckPluginId, CommitId, CrateName, DeclarationId, FilePath, FilesDigest, GatePolicy, LabelId, LabelName,
    ModuleDigest, ModuleId, NodeId, OwnerId, OwnerName, PluginName, PluginVersion, RepositoryName, Revision, Scope,
    SdkVersion, Sha256Digest, Shake256Digest, Timestamp, TokenHash, TokenId, UniqueNames, WebhookEvents, WebhookId,
    WebhookSecret,
};
use crate::store::db::engine::{FromSql, FromSqlError, FromSqlResult, Kind, ToSql, Value, ValueRef};

macro_rules! blobs {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn kind() -> Kind {
                Kind::Blob
            }

            fn to_sql(&self) -> Value<'_> {
                Value::Blob(self.as_bytes())
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
    NodeId,
    WebhookSecret,
    Sha256Digest,
    Shake256Digest
);

macro_rules! wrapped {
    ($($type:ident($inner:ty)),*) => {$(
        impl ToSql for $type {
            fn kind() -> Kind {
                <$inner as ToSql>::kind()
            }

            fn to_sql(&self) -> Value<'_> {
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

wrapped!(
    FilesDigest(Shake256Digest),
    ModuleDigest(Shake256Digest),
    Revision(u32),
    RowChecksum(i64),
    TokenHash(Sha256Digest)
);

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn kind() -> Kind {
                Kind::Text
            }

            fn to_sql(&self) -> Value<'_> {
                Value::Text(Cow::Owned(self.to_string()))
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
            fn kind() -> Kind {
                Kind::Text
            }

            fn to_sql(&self) -> Value<'_> {
                Value::Text(Cow::Borrowed(self.as_str()))
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
    fn kind() -> Kind {
        Kind::Integer
    }

    fn to_sql(&self) -> Value<'_> {
        Value::Integer(self.as_micros())
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
        impl $crate::store::db::engine::ToSql for $type {
            fn kind() -> $crate::store::db::engine::Kind {
                $crate::store::db::engine::Kind::Text
            }

            fn to_sql(&self) -> $crate::store::db::engine::Value<'_> {
                let word = match self { $(Self::$variant => $word),* };
                $crate::store::db::engine::Value::Text(word.into())
            }
        }

        impl $crate::store::db::engine::FromSql for $type {
            fn column_result(
                value: $crate::store::db::engine::ValueRef<'_>,
            ) -> $crate::store::db::engine::FromSqlResult<Self> {
                match value.as_str()? {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::store::db::engine::FromSqlError::InvalidType),
                }
            }
        }
    };
}
pub(in crate::store) use keyword_column;

/// A size, count or offset, which is stored as a signed integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Count(pub(in crate::store) u64);

impl ToSql for Count {
    fn kind() -> Kind {
        Kind::Integer
    }

    fn to_sql(&self) -> Value<'_> {
        Value::Integer(i64::try_from(self.0).unwrap_or(i64::MAX))
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Self).map_err(|_| FromSqlError::OutOfRange(number))
    }
}
