//! Adds fields that prost's descriptors do not know to an encoded file: custom options, and the additions of editions.
//!
//! Decoded descriptors cannot hold them, so files are encoded without them, and the bytes are changed.

use bytes::Buf;
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};

/// A change to the encoding of a file.
#[derive(Debug, Clone)]
pub(crate) struct Splice {
    /// Where: field numbers and indices of `descriptor.proto`.
    pub(crate) path: Vec<i32>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: SpliceKind,
}

/// The place of the bytes of a [`Splice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpliceKind {
    /// They are the encoding of a message in the place of the one at the path, which ends with a field number.
    Replaced,
    /// Whole fields after those of the message at the path, which ends with an index, or is the empty path of the file.
    Appended,
}

/// `file` with all `splices`, which are in the order of their paths.
///
/// # Errors
/// When `file` is not an encoded message.
pub(crate) fn splice(file: &[u8], splices: &[Splice]) -> Result<Vec<u8>, DecodeError> {
    let more: usize = splices.iter().map(|splice| splice.bytes.len()).sum();
    let mut out = Vec::with_capacity(file.len() + more);
    inside(file, 0, splices, &mut out)?;
    Ok(out)
}

/// Writes `message`, whose path is the first `depth` parts of the path of each of `splices`.
fn inside(message: &[u8], depth: usize, splices: &[Splice], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let own = splices.partition_point(|splice| splice.path.len() == depth);
    let (own, inner) = splices.split_at(own);
    replaced(message, depth, inner, out)?;
    own.iter().for_each(|splice| out.extend_from_slice(&splice.bytes));
    Ok(())
}

/// Writes `message` with `splices`, all of which are deeper in it than its own fields.
fn replaced(mut message: &[u8], depth: usize, mut splices: &[Splice], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    // Fields are encoded in the order of their numbers, and so are splices.
    let mut last = (0, 0);
    while let [next, ..] = splices {
        if !message.has_remaining() {
            return Ok(());
        }
        let start = message;
        let (number, wire_type) = decode_key(&mut message)?;
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        last = if last.0 == number { (number, last.1 + 1) } else { (number, 0) };
        let body = message;
        skip_field(wire_type, number.unsigned_abs(), &mut message, DecodeContext::default())?;
        let is_inside = next.path.get(depth) == Some(&number) && wire_type == WireType::LengthDelimited;
        if is_inside && next.kind == SpliceKind::Replaced && next.path.len() == depth + 1 {
            write(number, &next.bytes, out);
            splices = &splices[1..];
        } else if is_inside && next.path.get(depth + 1) == Some(&last.1) {
            let count = splices.partition_point(|splice| splice.path.get(depth..depth + 2) == Some(&[number, last.1]));
            let (here, rest) = splices.split_at(count);
            let mut changed = Vec::new();
            inside(contents(body, message)?, depth + 2, here, &mut changed)?;
            write(number, &changed, out);
            splices = rest;
        } else {
            out.extend_from_slice(&start[..start.len() - message.len()]);
        }
    }
    out.extend_from_slice(message);
    Ok(())
}

/// The bytes after the length at the start of `body`, up to the start of `rest`.
fn contents<'b>(mut body: &'b [u8], rest: &[u8]) -> Result<&'b [u8], DecodeError> {
    decode_varint(&mut body)?;
    Ok(&body[..body.len() - rest.len()])
}

fn write(number: i32, message: &[u8], out: &mut Vec<u8>) {
    encode_key(number.unsigned_abs(), WireType::LengthDelimited, out);
    encode_varint(message.len() as u64, out);
    out.extend_from_slice(message);
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::{
        DescriptorProto, FieldDescriptorProto, FieldOptions, FileDescriptorProto, FileOptions, MessageOptions,
    };

    use super::*;

    #[test]
    fn messages_are_replaced_at_any_depth() {
        let field = |name: &str, deprecated| FieldDescriptorProto {
            name: Some(name.into()),
            options: Some(FieldOptions { deprecated, ..FieldOptions::default() }),
            ..FieldDescriptorProto::default()
        };
        let file = |deprecated| FileDescriptorProto {
            name: Some("a.proto".into()),
            message_type: vec![
                DescriptorProto { name: Some("Before".into()), ..DescriptorProto::default() },
                DescriptorProto {
                    nested_type: vec![DescriptorProto {
                        field: vec![field("a", None), field("b", deprecated), field("c", None)],
                        options: Some(MessageOptions { deprecated, ..MessageOptions::default() }),
                        ..DescriptorProto::default()
                    }],
                    ..DescriptorProto::default()
                },
            ],
            options: Some(FileOptions { deprecated, ..FileOptions::default() }),
            syntax: Some("proto3".into()),
            ..FileDescriptorProto::default()
        };
        let splice_at = |path: &[i32]| {
            let bytes = FileOptions { deprecated: Some(true), ..FileOptions::default() }.encode_to_vec();
            // In messages and fields the option is called number 3, in files 23.
            let bytes = if path.len() == 1 { bytes } else { vec![3 << 3, 1] };
            Splice { path: path.to_vec(), bytes, kind: SpliceKind::Replaced }
        };
        let splices = [splice_at(&[4, 1, 3, 0, 2, 1, 8]), splice_at(&[4, 1, 3, 0, 7]), splice_at(&[8])];
        assert_eq!(splice(&file(None).encode_to_vec(), &splices).unwrap(), file(Some(true)).encode_to_vec());
    }
}
