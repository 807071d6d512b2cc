//! Encoded messages, read field by field: nothing is decoded, so nothing is lost, and a large message costs no memory.

use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// The maximal nesting; decoders refuse deeper messages.
pub(crate) const MAX_DEPTH: usize = 100;

/// One field of an encoded message.
pub(crate) struct Field<'a> {
    /// Its number.
    pub(crate) number: u32,
    /// How it is encoded.
    pub(crate) wire: WireType,
    /// Its content, if it is delimited; else its encoded number.
    pub(crate) content: &'a [u8],
    /// All of it, with its key.
    pub(crate) whole: &'a [u8],
}

/// The fields of an encoded message.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

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
pub(crate) fn name(encoded: &[u8]) -> Result<&[u8], DecodeError> {
    last_text(encoded, 1)
}

/// The last value of a field of text; empty if there is none.
pub(crate) fn last_text(encoded: &[u8], number: u32) -> Result<&[u8], DecodeError> {
    let mut found: &[u8] = &[];
    for field in Fields(encoded) {
        let field = field?;
        if field.number == number && field.wire == WireType::LengthDelimited {
            found = field.content;
        }
    }
    Ok(found)
}

/// An encoded message without the fields of these numbers.
pub(crate) fn without_fields(encoded: &[u8], numbers: &[u32]) -> Result<Vec<u8>, DecodeError> {
    let mut kept = Vec::with_capacity(encoded.len());
    for field in Fields(encoded) {
        let field = field?;
        if !numbers.contains(&field.number) {
            kept.extend_from_slice(field.whole);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_types::{FileDescriptorProto, ServiceDescriptorProto};

    use super::*;

    #[test]
    fn services_and_nothing_else_are_taken_out() {
        const SERVICE: u32 = 6;
        let service = ServiceDescriptorProto { name: Some("S".into()), ..Default::default() };
        let bare = FileDescriptorProto { name: Some("a.proto".into()), syntax: Some("x".into()), ..Default::default() };
        let full = FileDescriptorProto { service: vec![service.clone(), service], ..bare.clone() };
        assert_eq!(without_fields(&full.encode_to_vec(), &[SERVICE]).unwrap(), bare.encode_to_vec());
        assert!(without_fields(&[0xff], &[SERVICE]).is_err());
    }
}
