//! Values as they go over the wire, in both directions.

use std::error::Error;

use bytes::BytesMut;
use postgres_driver::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::store::db::engine::value::{Kind, Value, ValueRef};

/// The type of a parameter: PostgreSQL must know it of a null too.
pub(super) fn type_of(value: &Value<'_>) -> Type {
    let kind = match value {
        Value::Null(kind) => *kind,
        Value::Truth(_) => Kind::Truth,
        Value::Integer(_) => Kind::Integer,
        Value::Text(_) => Kind::Text,
        Value::Blob(_) => Kind::Blob,
    };
    match kind {
        Kind::Truth => Type::BOOL,
        Kind::Integer => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Blob => Type::BYTEA,
    }
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Sent<'a>(pub(super) Value<'a>);

impl ToSql for Sent<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            Value::Null(_) => Ok(IsNull::Yes),
            Value::Truth(is_true) => is_true.to_sql(ty, out),
            Value::Integer(number) => number.to_sql(ty, out),
            Value::Text(text) => text.as_ref().to_sql(ty, out),
            Value::Blob(bytes) => bytes.to_sql(ty, out),
        }
    }

    /// Statements are prepared with the types of their values.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column.
pub(super) struct Received<'a>(pub(super) ValueRef<'a>);

impl<'a> FromSql<'a> for Received<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => ValueRef::Integer(i64::from_sql(ty, raw)?),
            Type::INT4 => ValueRef::Integer(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => ValueRef::Integer(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => ValueRef::Blob(raw),
            _ => ValueRef::Text(raw),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(ValueRef::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA | Type::TEXT)
    }
}
