//! The value that a field has when nobody set it.

use super::Type;
use super::element::FieldElement;
use super::field_kind;
use super::index::Index;

/// A default, comparable between types: texts with bytes, and numbers, booleans and enums with each other.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::breaking) enum DefaultValue {
    Bytes(Vec<u8>),
    Integer(i128),
    Double(f64),
    Float(f32),
}

impl DefaultValue {
    /// The default of a field that can have one.
    pub(in crate::breaking) fn of(index: &Index<'_>, field: &FieldElement<'_>) -> Option<Self> {
        if field.at.declared.label() == super::Label::Repeated {
            return None;
        }
        let text = field.at.declared.default_value.as_deref();
        let integer = |text: &str| text.parse().unwrap_or_default();
        Some(match field_kind::kind(index, field) {
            Type::Message | Type::Group => return None,
            Type::String => Self::Bytes(text.unwrap_or_default().as_bytes().to_vec()),
            Type::Bytes => Self::Bytes(unescape(text.unwrap_or_default())),
            Type::Bool => Self::Integer(i128::from(text == Some("true"))),
            Type::Enum => Self::Integer(enum_default(index, field, text)),
            Type::Double => Self::Double(text.map_or(0.0, |text| text.parse().unwrap_or_default())),
            Type::Float => Self::Float(text.map_or(0.0, |text| text.parse().unwrap_or_default())),
            _ => Self::Integer(text.map_or(0, integer)),
        })
    }

    /// Whether it is what a field without a default has.
    pub(in crate::breaking) fn is_zero(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Integer(value) => *value == 0,
            Self::Double(value) => value.to_bits() == 0,
            Self::Float(value) => value.to_bits() == 0,
        }
    }

    /// Whether both are the same value.
    pub(in crate::breaking) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Double(a), Self::Double(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Self::Float(a), Self::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
            // The nearest float of the double: more digits than a float holds are no difference.
            #[expect(clippy::cast_possible_truncation, reason = "a float holds less, which is what is compared")]
            (Self::Float(a), Self::Double(b)) | (Self::Double(b), Self::Float(a)) => {
                *a == *b as f32 || (a.is_nan() && b.is_nan())
            }
            (Self::Integer(a), Self::Double(b)) | (Self::Double(b), Self::Integer(a)) => is_integer(*b, *a),
            (Self::Integer(a), Self::Float(b)) | (Self::Float(b), Self::Integer(a)) => is_integer(f64::from(*b), *a),
            _ => false,
        }
    }
}

/// Whether a number with a fraction is exactly this integer.
fn is_integer(value: f64, integer: i128) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and integers have 64 bits")]
    let whole = value as i128;
    value.fract() == 0.0 && whole == integer
}

fn enum_default(index: &Index<'_>, field: &FieldElement<'_>, text: Option<&str>) -> i128 {
    let values = index.enum_of(&field.at.declared.type_name).map(|found| &found.at.declared.values[..]);
    let values = values.unwrap_or_default();
    let value = match text {
        Some(name) => values.iter().find(|value| value.name == name),
        None => values.first(),
    };
    value.map_or(0, |value| i128::from(value.number))
}

/// The bytes that a default of type `bytes` stands for: descriptors write them with the escapes of C.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes().peekable();
    let mut found = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            found.push(byte);
            continue;
        }
        let Some(escape) = bytes.next() else { break };
        let mut digits = |first: Option<u8>, radix: u32, most: usize| {
            let mut value = first.map_or(0, |digit| u32::from(digit - b'0'));
            for _ in 0..most {
                let Some(digit) = bytes.peek().and_then(|byte| char::from(*byte).to_digit(radix)) else { break };
                value = value * radix + digit;
                bytes.next();
            }
            u8::try_from(value & 0xff).unwrap_or_default()
        };
        found.push(match escape {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'v' => 11,
            b'x' | b'X' => digits(None, 16, 2),
            b'0'..=b'7' => digits(Some(escape), 8, 2),
            other => other,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_the_bytes_they_stand_for() {
        assert_eq!(unescape(r"a\001\n\\\x7f\377"), [b'a', 1, b'\n', b'\\', 0x7f, 0xff]);
        assert_eq!(unescape("\\"), b"");
    }

    #[test]
    fn numbers_of_different_types_are_compared_by_value() {
        use DefaultValue::{Double, Float, Integer};
        assert!(Integer(1).is_same(&Double(1.0)) && !Integer(1).is_same(&Double(1.5)));
        assert!(Float(0.1).is_same(&Double(0.1)) && Double(f64::NAN).is_same(&Float(f32::NAN)));
        assert!(!Double(-0.0).is_zero() && Integer(0).is_zero());
    }
}
