//! Numbers, words and texts as values of a field.

use prost_types::field_descriptor_proto::Type;

use super::schema::{EnumValue, FieldType, Schema};
use super::value::Value;
use crate::compile::source::lexer::TokenKind;
use crate::compile::source::number_literal::{Number, is_hexadecimal, number};
use crate::compile::source::parser::is_value;
use crate::compile::source::string_literal::unescape;
use crate::compile::source::token_stream::TokenStream;

/// What stands in the source in the place of a value.
pub(super) struct Scalar<'t> {
    pub(super) offset: usize,
    is_negative: bool,
    /// Where it begins after its sign.
    magnitude_offset: usize,
    content: Content<'t>,
}

enum Content<'t> {
    Integer {
        magnitude: u64,
        is_hexadecimal: bool,
    },
    Float {
        magnitude: f64,
        is_hexadecimal: bool,
    },
    Word(&'t str),
    Text {
        bytes: Vec<u8>,
        /// Where the first escape is.
        escape: Option<usize>,
    },
    /// Any other value. The parser refuses it before it comes here.
    Other,
}

/// Where a value stands: the words of message literals are not as strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind the `=` of an option.
    Option,
    /// In a message literal.
    Literal,
}

/// Why a scalar is no value of a field.
pub(super) struct Mismatch {
    /// What is wrong begins there.
    pub(super) offset: usize,
    /// Nothing when it is of another type.
    reason: String,
}

impl Mismatch {
    /// The reason as the end of a sentence.
    pub(super) fn reason(&self) -> String {
        if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) }
    }
}

impl<'t> Scalar<'t> {
    /// Takes the scalar that comes next in `tokens`.
    pub(super) fn take(tokens: &mut TokenStream<'t>) -> Self {
        let offset = tokens.offset();
        let is_negative = tokens.take_mark(b'-');
        let magnitude_offset = tokens.offset();
        let content = match tokens.peek() {
            Some(TokenKind::Word(word)) => {
                tokens.skip();
                Content::Word(word)
            }
            Some(TokenKind::Number(text)) => {
                tokens.skip();
                let is_hexadecimal = is_hexadecimal(text);
                match number(text) {
                    Some(Number::Integer(magnitude)) => Content::Integer { magnitude, is_hexadecimal },
                    Some(Number::Float(magnitude)) => Content::Float { magnitude, is_hexadecimal },
                    None => Content::Other,
                }
            }
            Some(TokenKind::Text(_)) => take_text(tokens),
            _ => {
                tokens.skip();
                Content::Other
            }
        };
        Self { offset, is_negative, magnitude_offset, content }
    }

    /// The value of `field` that this is, and which enum value, if it names one.
    pub(super) fn value<'s>(
        self,
        schema: &'s Schema<'_>,
        field: FieldType<'s>,
        place: Place,
    ) -> Result<(Value<'s>, Option<EnumValue<'s>>), Mismatch> {
        let value = match field.proto.r#type() {
            Type::Bool => Value::Varint(self.boolean(place)?.into()),
            Type::Int32 => Value::Varint(i64::from(self.integer::<i32>("int32")?).cast_unsigned()),
            Type::Int64 => Value::Varint(self.integer::<i64>("int64")?.cast_unsigned()),
            Type::Uint32 => Value::Varint(self.integer::<u32>("uint32")?.into()),
            Type::Uint64 => Value::Varint(self.integer("uint64")?),
            Type::Sint32 => Value::Varint(zigzag(self.integer::<i32>("sint32")?.into())),
            Type::Sint64 => Value::Varint(zigzag(self.integer("sint64")?)),
            Type::Fixed32 => Value::Fixed32(self.integer::<u32>("fixed32")?.to_le_bytes()),
            Type::Fixed64 => Value::Fixed64(self.integer::<u64>("fixed64")?.to_le_bytes()),
            Type::Sfixed32 => Value::Fixed32(self.integer::<i32>("sfixed32")?.to_le_bytes()),
            Type::Sfixed64 => Value::Fixed64(self.integer::<i64>("sfixed64")?.to_le_bytes()),
            #[expect(clippy::cast_possible_truncation, reason = "a float takes the nearest value")]
            Type::Float => Value::Fixed32((self.float(place)? as f32).to_le_bytes()),
            Type::Double => Value::Fixed64(self.float(place)?.to_le_bytes()),
            Type::String => Value::Bytes(self.text(schema.is_utf8(field))?),
            Type::Bytes => Value::Bytes(self.text(false)?),
            Type::Enum => return self.enumeration(schema, field),
            Type::Message | Type::Group => return Err(self.other_type()),
        };
        Ok((value, None))
    }

    fn boolean(&self, place: Place) -> Result<bool, Mismatch> {
        match (&self.content, place) {
            _ if self.is_negative => Err(self.other_type()),
            (Content::Word("true"), _) | (Content::Word("True" | "t"), Place::Literal) => Ok(true),
            (Content::Word("false"), _) | (Content::Word("False" | "f"), Place::Literal) => Ok(false),
            _ => Err(self.other_type()),
        }
    }

    fn integer<T: TryFrom<i128>>(&self, kind: &str) -> Result<T, Mismatch> {
        let out_of_range = || self.fault(self.offset, format!("it is out of the range of {kind}"));
        match self.content {
            Content::Integer { magnitude, .. } => {
                let value = i128::from(magnitude);
                let is_negative_zero = self.is_negative && magnitude == 0;
                if is_negative_zero && T::try_from(-1).is_err() {
                    return Err(out_of_range());
                }
                T::try_from(if self.is_negative { -value } else { value }).map_err(|_| out_of_range())
            }
            // An integer beyond 64 bits, or one with a fraction.
            Content::Float { magnitude, .. } if magnitude.fract() == 0.0 => Err(out_of_range()),
            _ => Err(self.other_type()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a floating-point option takes the nearest value")]
    fn float(&self, place: Place) -> Result<f64, Mismatch> {
        let magnitude = match self.content {
            Content::Integer { is_hexadecimal: true, .. } | Content::Float { is_hexadecimal: true, .. } => {
                let reason = "a floating-point number is not written in hexadecimal";
                return Err(self.fault(self.magnitude_offset, reason));
            }
            Content::Integer { magnitude, .. } => magnitude as f64,
            Content::Float { magnitude, .. } => magnitude,
            Content::Word(word) => special_float(word, place).ok_or_else(|| self.other_type())?,
            Content::Text { .. } | Content::Other => return Err(self.other_type()),
        };
        Ok(if self.is_negative { -magnitude } else { magnitude })
    }

    fn text(self, is_utf8: bool) -> Result<Vec<u8>, Mismatch> {
        match self.content {
            Content::Text { bytes, escape } if is_utf8 && std::str::from_utf8(&bytes).is_err() => {
                Err(Mismatch { offset: escape.unwrap_or(self.offset), reason: "it is not valid UTF-8".into() })
            }
            Content::Text { bytes, .. } => Ok(bytes),
            _ => Err(self.other_type()),
        }
    }

    fn fault(&self, offset: usize, reason: impl Into<String>) -> Mismatch {
        Mismatch { offset, reason: reason.into() }
    }

    fn other_type(&self) -> Mismatch {
        // After a minus, any other word is a name that means nothing.
        let is_word = matches!(self.content, Content::Word(word) if !is_value(word));
        self.fault(if is_word { self.magnitude_offset } else { self.offset }, "")
    }

    /// A value by name; by number, also one that the enum does not name, because `buf` takes it.
    fn enumeration<'s>(
        &self,
        schema: &'s Schema<'_>,
        field: FieldType<'s>,
    ) -> Result<(Value<'s>, Option<EnumValue<'s>>), Mismatch> {
        let (number, value) = match self.content {
            Content::Word(name) if !self.is_negative => {
                let found = schema.enum_of(field).and_then(|item| schema.value(item, name));
                let (number, value) = found.ok_or_else(|| self.other_type())?;
                (number, Some(value))
            }
            _ => (self.integer("an enum")?, None),
        };
        Ok((Value::Varint(i64::from(number).cast_unsigned()), value))
    }
}

/// Takes texts that follow each other, which are one. The parser has refused escapes that stand for nothing.
fn take_text<'t>(tokens: &mut TokenStream<'t>) -> Content<'t> {
    let (mut bytes, mut escape) = (Vec::new(), None);
    while let Some(TokenKind::Text(inside)) = tokens.peek() {
        let _is_valid = unescape(inside, &mut bytes);
        escape = escape.or_else(|| Some(tokens.offset() + 1 + inside.find('\\')?));
        tokens.skip();
    }
    Content::Text { bytes, escape }
}

fn special_float(word: &str, place: Place) -> Option<f64> {
    let lower = word.to_ascii_lowercase();
    let is_exact = word == lower && word != "infinity";
    match lower.as_str() {
        _ if place == Place::Option && !is_exact => None,
        "inf" | "infinity" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}
