//! Encoded messages, read field by field: nothing is decoded, so nothing is lost, and a large message costs no memory.

use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// Deepest nesting that is looked at; decoders refuse what lies deeper.
pub(super) const DEPTH: usize = 100;

/// One field of an encoded message.
pub(super) struct Field<'a> {
    /// Its number.
    pub number: u32,
    /// How it is encoded.
    pub wire: WireType,
    /// What it holds, if that is delimited; else its encoded number.
    pub content: &'a [u8],
    /// All of it, with its key.
    pub whole: &'a [u8],
}

/// The fields of an encoded message.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let read = read_field(&mut self.0);
        if read.is_err() {
            self.0 = &[];
        }
        Some(read)
    }
}

fn read_field<'a>(rest: &mut &'a [u8]) -> Result<Field<'a>, DecodeError> {
    let start = *rest;
    let (number, wire) = decode_key(rest)?;
    let value = *rest;
    skip_field(wire, number, rest, DecodeContext::default())?;
    let mut content = &value[..value.len() - rest.len()];
    if wire == WireType::LengthDelimited {
        decode_varint(&mut content)?;
    }
    Ok(Field { number, wire, content, whole: &start[..start.len() - rest.len()] })
}

/// The name of a file, a message or a field: their first field all.
pub(super) fn name(encoded: &[u8]) -> Result<&[u8], DecodeError> {
    text(encoded, 1)
}

/// The last value of a field of text; empty if there is none.
pub(super) fn text(encoded: &[u8], number: u32) -> Result<&[u8], DecodeError> {
    let mut found: &[u8] = &[];
    for field in Fields(encoded) {
        let field = field?;
        if field.number == number && field.wire == WireType::LengthDelimited {
            found = field.content;
        }
    }
    Ok(found)
}
