//! Parameters of statements: `?1` by their place, `:name` by their name.

use super::sql_error::SqlResult;
use super::value::{ToSql, Value};

/// Which parameter of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Parameter<'a> {
    /// `?1` has the number 1.
    Number(usize),
    /// With the colon.
    Name(&'a str),
}

/// What takes each parameter of a statement.
pub(in crate::store) type Bind<'b, 'p> = &'b mut dyn FnMut(Parameter<'p>, Value<'p>) -> SqlResult<()>;

/// The parameters of a statement.
pub(in crate::store) trait Params {
    /// Gives each parameter to `bind`.
    fn each<'p>(&'p self, bind: Bind<'_, 'p>) -> SqlResult<()>;
}

/// Parameters of different types, by their place.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::store::db::engine::ToSql),*] as &[&dyn $crate::store::db::engine::ToSql]
    };
}
pub(in crate::store) use params;

/// Parameters by their names.
macro_rules! named_params {
    ($($name:literal: $value:expr),* $(,)?) => {
        &[$(($name, &$value as &dyn $crate::store::db::engine::ToSql)),*]
            as &[(&str, &dyn $crate::store::db::engine::ToSql)]
    };
}
pub(in crate::store) use named_params;

impl Params for &[&dyn ToSql] {
    fn each<'p>(&'p self, bind: Bind<'_, 'p>) -> SqlResult<()> {
        self.iter().zip(1..).try_for_each(|(value, number)| bind(Parameter::Number(number), value.to_sql()))
    }
}

impl Params for &[(&str, &dyn ToSql)] {
    fn each<'p>(&'p self, bind: Bind<'_, 'p>) -> SqlResult<()> {
        self.iter().try_for_each(|(name, value)| bind(Parameter::Name(name), value.to_sql()))
    }
}

/// No parameters. Of one type only, so that `[]` needs none.
impl Params for [&(dyn ToSql + Send + Sync); 0] {
    fn each<'p>(&'p self, _: Bind<'_, 'p>) -> SqlResult<()> {
        Ok(())
    }
}

macro_rules! arrays {
    ($($length:literal)*) => {$(
        impl<T: ToSql> Params for [T; $length] {
            fn each<'p>(&'p self, bind: Bind<'_, 'p>) -> SqlResult<()> {
                self.iter().zip(1..).try_for_each(|(value, number)| bind(Parameter::Number(number), value.to_sql()))
            }
        }
    )*};
}

arrays!(1 2 3 4);

macro_rules! tuples {
    ($($type:ident $place:tt $number:literal),*) => {
        impl<$($type: ToSql),*> Params for ($($type),*) {
            fn each<'p>(&'p self, bind: Bind<'_, 'p>) -> SqlResult<()> {
                $(bind(Parameter::Number($number), self.$place.to_sql())?;)*
                Ok(())
            }
        }
    };
}

tuples!(A 0 1, B 1 2);
tuples!(A 0 1, B 1 2, C 2 3, D 3 4);
