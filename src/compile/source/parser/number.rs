//! Numbers of fields, extensions and enum values.

use std::ops::RangeInclusive;

use super::{Parse, Parser};
use crate::compile::source::lexer::TokenKind;
use crate::compile::source::number_literal::{self, Number};
use crate::model::LARGEST_FIELD_NUMBER;

/// The marks with which something begins that stands in the place of an integer.
pub(super) const INTEGER: &[u8] = b"-{.=";

/// Numbers that Protobuf keeps for itself.
pub(in crate::compile) const KEPT: RangeInclusive<i32> = 19_000..=19_999;
/// Largest number of an extension of a message set.
pub(super) const LARGEST_IN_SET: i32 = i32::MAX - 1;

impl Parser<'_> {
    pub(super) fn field_number(&mut self) -> Parse<i32> {
        self.integer(1, LARGEST_FIELD_NUMBER, || out_of_range(LARGEST_FIELD_NUMBER))
    }

    /// That of an extension; which messages are message sets is not known yet.
    pub(super) fn extension_number(&mut self) -> Parse<i32> {
        self.integer(1, LARGEST_IN_SET, || out_of_range(LARGEST_FIELD_NUMBER))
    }

    pub(super) fn enum_number(&mut self) -> Parse<i32> {
        self.integer(i32::MIN, i32::MAX, || format!("enum numbers must be between {} and {}", i32::MIN, i32::MAX))
    }

    fn integer(&mut self, min: i32, max: i32, message: impl Fn() -> String) -> Parse<i32> {
        let start = self.offset();
        let is_negative = self.take_mark(b'-');
        match self.peek().map(|token| token.kind) {
            // Numbers of fields begin with 1, and so no number is out of their range.
            Some(TokenKind::Number(text)) if min > 0 && number_literal::number(text).is_none() => {
                self.refuse(start, format!("invalid number '{text}'"));
                self.at += 1;
                return Ok(1);
            }
            Some(TokenKind::Number(_)) => {}
            Some(TokenKind::Word(word)) if !is_value(word) => return self.expected("an integer"),
            Some(TokenKind::Mark(mark)) if !matches!(mark, b'-' | b'{') => return self.expected("an integer"),
            _ => return self.incomplete("number", start, "an integer"),
        }
        let number = self.number()?;
        let value = match number {
            Number::Integer(value) if is_negative => 0i64.checked_sub_unsigned(value),
            Number::Integer(value) => i64::try_from(value).ok(),
            Number::Float(value) if value.fract() == 0.0 => None,
            Number::Float(_) => {
                self.refuse(start, "expected an integer");
                return Ok(1);
            }
        };
        let value = value.and_then(|value| i32::try_from(value).ok()).filter(|value| (min..=max).contains(value));
        if value.is_none() {
            self.refuse(start, message());
        }
        Ok(value.unwrap_or(1))
    }
}

/// Whether `word` is a value, though no integer, as opposed to a name.
pub(in crate::compile) fn is_value(word: &str) -> bool {
    matches!(word, "inf" | "nan" | "true" | "false")
}

/// What is wrong with the number of a field.
pub(super) fn out_of_range(largest: i32) -> String {
    format!("message numbers must be between 1 and {largest}")
}
