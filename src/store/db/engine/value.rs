//! Values of columns and parameters: integers, text, bytes, or nothing. Both engines have these.

use std::borrow::Cow;

/// What a column or a parameter holds, apart from nothing. An engine with typed columns must know it of a null too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// True or false; SQLite has 1 and 0 for it.
    Truth,
    /// A signed integer of 64 bits.
    Integer,
    /// UTF-8.
    Text,
    /// Bytes.
    Blob,
}

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Value<'a> {
    Null(Kind),
    Truth(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    Blob(&'a [u8]),
}

impl<'a> Value<'a> {
    /// A text. PostgreSQL cannot keep the character U+0000 in one, so with either engine another stands in its place, by
    /// which Unicode means one that cannot be shown. What people write must not hold it; messages of programs may.
    pub(in crate::store) fn text(text: &'a str) -> Self {
        Self::Text(match text.contains('\0') {
            true => Cow::Owned(text.replace('\0', "\u{fffd}")),
            false => Cow::Borrowed(text),
        })
    }
}

/// What can be a parameter of a statement.
pub(in crate::store) trait ToSql {
    /// What every value of this type is, unless it is nothing.
    fn kind() -> Kind
    where
        Self: Sized;

    /// The value.
    fn to_sql(&self) -> Value<'_>;
}

/// A column of a row, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::store) enum ValueRef<'a> {
    Null,
    /// Truth values are 0 and 1 here.
    Integer(i64),
    /// A number that is no integer, which no column should hold.
    Real(f64),
    /// Text as it is stored, which damage may have made something else than UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// Why a column is not what was expected.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum FromSqlError {
    /// It is of another kind, or nothing.
    #[error("a value of another type")]
    InvalidType,
    /// It is a number that cannot be.
    #[error("the number {0} is out of range")]
    OutOfRange(i64),
    /// It is text or bytes that cannot be.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

pub(in crate::store) type FromSqlResult<T> = Result<T, FromSqlError>;

/// What a column can be read as.
pub(in crate::store) trait FromSql: Sized {
    /// The value of a column.
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self>;
}

impl<'a> ValueRef<'a> {
    pub(in crate::store) fn as_i64(self) -> FromSqlResult<i64> {
        match self {
            Self::Integer(number) => Ok(number),
            _ => Err(FromSqlError::InvalidType),
        }
    }

    pub(in crate::store) fn as_str(self) -> FromSqlResult<&'a str> {
        match self {
            Self::Text(text) => std::str::from_utf8(text).map_err(|error| FromSqlError::Other(Box::new(error))),
            _ => Err(FromSqlError::InvalidType),
        }
    }

    pub(in crate::store) fn as_blob(self) -> FromSqlResult<&'a [u8]> {
        match self {
            Self::Blob(bytes) => Ok(bytes),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn kind() -> Kind {
                Kind::Integer
            }

            fn to_sql(&self) -> Value<'_> {
                Value::Integer(i64::from(*self))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let number = value.as_i64()?;
                Self::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))
            }
        }
    )*};
}

integers!(i32, i64, u8, u16, u32);

impl ToSql for bool {
    fn kind() -> Kind {
        Kind::Truth
    }

    fn to_sql(&self) -> Value<'_> {
        Value::Truth(*self)
    }
}

impl FromSql for bool {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|number| number != 0)
    }
}

impl ToSql for &str {
    fn kind() -> Kind {
        Kind::Text
    }

    fn to_sql(&self) -> Value<'_> {
        Value::text(self)
    }
}

impl ToSql for String {
    fn kind() -> Kind {
        Kind::Text
    }

    fn to_sql(&self) -> Value<'_> {
        Value::text(self)
    }
}

impl FromSql for String {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl ToSql for &[u8] {
    fn kind() -> Kind {
        Kind::Blob
    }

    fn to_sql(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl ToSql for Vec<u8> {
    fn kind() -> Kind {
        Kind::Blob
    }

    fn to_sql(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl FromSql for Vec<u8> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_blob().map(<[u8]>::to_vec)
    }
}

impl<const N: usize> FromSql for [u8; N] {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_blob()?.try_into().map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl<T: ToSql> ToSql for &T {
    fn kind() -> Kind {
        T::kind()
    }

    fn to_sql(&self) -> Value<'_> {
        (**self).to_sql()
    }
}

impl<T: ToSql> ToSql for Option<T> {
    fn kind() -> Kind {
        T::kind()
    }

    fn to_sql(&self) -> Value<'_> {
        self.as_ref().map_or_else(|| Value::Null(T::kind()), T::to_sql)
    }
}

impl<T: FromSql> FromSql for Option<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::column_result(value).map(Some),
        }
    }
}
