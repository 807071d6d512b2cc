//! Default values of fields, as descriptors hold them: text.

use prost_types::UninterpretedOption;
use prost_types::field_descriptor_proto::Type;

use crate::compile::source::float_text;

/// Why a value is no default of a type.
pub(super) struct Misfit(pub(super) String);

/// The text of `option`, a default, for a field of the given scalar type; without one the field is of an enum.
///
/// # Errors
/// When the value does not fit.
pub(super) fn text(scalar: Option<Type>, option: &UninterpretedOption) -> Result<String, Misfit> {
    let expected = |what: &str| Misfit(format!("expected value to be {what}, but found '{}'", shown(option)));
    let is_name = option.identifier_value.is_some();
    let is_integer = option.positive_int_value.is_some() || option.negative_int_value.is_some();
    match scalar {
        // Whether there is such a type, and such a value, is not known yet.
        None if is_name || is_integer => Ok(shown(option)),
        None => Err(expected("the name of an enum value")),
        Some(Type::Double) => float(option).map(float_text::double).ok_or_else(|| expected("a floating-point number")),
        #[expect(clippy::cast_possible_truncation, reason = "a float takes the nearest value")]
        Some(Type::Float) => float(option)
            .map(|value| float_text::float(value as f32))
            .ok_or_else(|| expected("a floating-point number")),
        Some(Type::Bool) => match option.identifier_value.as_deref() {
            Some(word @ ("true" | "false")) => Ok(word.to_owned()),
            _ => Err(expected("either 'true' or 'false'")),
        },
        // The caller has taken the strings: their bytes need not be text.
        Some(Type::String) => Err(expected("a string")),
        Some(Type::Bytes) => option.string_value.as_deref().map(escaped).ok_or_else(|| expected("a string")),
        Some(Type::Int32 | Type::Sint32 | Type::Sfixed32) => {
            integer(option, "a signed 32-bit integer", i32::MIN, i32::MAX)
        }
        Some(Type::Int64 | Type::Sint64 | Type::Sfixed64) => {
            integer(option, "a signed 64-bit integer", i64::MIN, i64::MAX)
        }
        Some(Type::Uint32 | Type::Fixed32) => integer(option, "an unsigned 32-bit integer", u32::MIN, u32::MAX),
        Some(Type::Uint64 | Type::Fixed64) => integer(option, "an unsigned 64-bit integer", u64::MIN, u64::MAX),
        Some(Type::Message | Type::Group | Type::Enum) => Err(expected("absent")),
    }
}

fn integer<T: Into<i128>>(option: &UninterpretedOption, kind: &str, min: T, max: T) -> Result<String, Misfit> {
    let (min, max) = (min.into(), max.into());
    let positive = option.positive_int_value.map(i128::from);
    let value = positive.or_else(|| option.negative_int_value.map(i128::from));
    // So many digits are no integer any more.
    let is_large = |value: &f64| *value == f64::INFINITY || value.fract() == 0.0;
    // There is no negative zero among unsigned numbers.
    let is_negative_zero = min == 0 && option.negative_int_value == Some(0);
    match value {
        Some(value) if !is_negative_zero && (min..=max).contains(&value) => Ok(value.to_string()),
        None if !option.double_value.as_ref().is_some_and(is_large) => {
            Err(Misfit(format!("expected value to be an integer, but found '{}'", shown(option))))
        }
        _ => Err(Misfit(format!(
            "expected value to be {kind}, but the value {} is out of range; the value must be between {min} and {max} \
             inclusive",
            shown(option)
        ))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a floating-point number takes the nearest value")]
fn float(option: &UninterpretedOption) -> Option<f64> {
    let word = match option.identifier_value.as_deref() {
        Some("inf") => Some(f64::INFINITY),
        Some("nan") => Some(f64::NAN),
        _ => None,
    };
    let positive = option.positive_int_value.map(|value| value as f64);
    // There is no negative zero among integers.
    let negative = option.negative_int_value.map(|value| if value == 0 { -0.0 } else { value as f64 });
    option.double_value.or(positive).or(negative).or(word)
}

/// Bytes as C writes them.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\\' | b'\'' | b'"' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text
}

/// The value as it was written, more or less.
fn shown(option: &UninterpretedOption) -> String {
    let number = option.positive_int_value.map(|value| value.to_string());
    let number = number.or_else(|| option.negative_int_value.map(|value| value.to_string()));
    let number = number.or_else(|| option.double_value.map(|value| value.to_string()));
    let text = || option.string_value.as_deref().map(escaped);
    let words = || option.identifier_value.clone().or_else(|| option.aggregate_value.clone());
    number.or_else(text).or_else(words).unwrap_or_default()
}
