//! Builds the request that `protoc` would send to a plugin. Files are spliced in as they were encoded: decoding
//! and encoding again would lose options that `descriptor.proto` does not know.

use bytes::Buf;
use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field};
use prost_types::compiler::Version;

/// Field numbers of `google.protobuf.compiler.CodeGeneratorRequest`.
pub(super) const FILE_TO_GENERATE: u32 = 1;
pub(super) const PARAMETER: u32 = 2;
const COMPILER_VERSION: u32 = 3;
pub(super) const PROTO_FILE: u32 = 15;

/// Field numbers of `google.protobuf.FileDescriptorProto`.
pub(super) const SERVICE: u32 = 6;
pub(super) const SOURCE_CODE_INFO: u32 = 9;

/// The compiler that is named to plugins: that of the plugins' own time. A constant, so that output never
/// depends on it.
const COMPILER: (i32, i32, i32) = (6, 31, 1);

/// Encodes a request for the files named `generate`, with all `files` in dependency order.
pub(super) fn encode(generate: &[&str], options: &[&str], files: &[Buffer<'_>]) -> Vec<u8> {
    let size: usize = files.iter().map(|file| file.len() + 8).sum();
    let mut request = Vec::with_capacity(size + 1024);
    for name in generate {
        bytes_field(FILE_TO_GENERATE, name.as_bytes(), &mut request);
    }
    if !options.is_empty() {
        bytes_field(PARAMETER, options.join(",").as_bytes(), &mut request);
    }
    let (major, minor, patch) = COMPILER;
    let version = Version { major: Some(major), minor: Some(minor), patch: Some(patch), suffix: None };
    bytes_field(COMPILER_VERSION, &version.encode_to_vec(), &mut request);
    for file in files {
        bytes_field(PROTO_FILE, file, &mut request);
    }
    request
}

/// An encoded file, borrowed or changed.
pub(super) type Buffer<'a> = std::borrow::Cow<'a, [u8]>;

fn bytes_field(tag: u32, value: &[u8], into: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, into);
    encode_varint(value.len() as u64, into);
    into.extend_from_slice(value);
}

/// An encoded `FileDescriptorProto` without some of its fields.
pub(super) fn without(encoded: &[u8], left_out: &[u32]) -> Result<Vec<u8>, prost::DecodeError> {
    let mut kept = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while rest.has_remaining() {
        let field = rest;
        let (tag, wire) = decode_key(&mut rest)?;
        skip_field(wire, tag, &mut rest, DecodeContext::default())?;
        if !left_out.contains(&tag) {
            kept.extend_from_slice(&field[..field.len() - rest.len()]);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_types::compiler::CodeGeneratorRequest;
    use prost_types::{FileDescriptorProto, ServiceDescriptorProto};

    #[test]
    fn a_request_reads_back_as_it_was_meant() {
        let mut encoded = FileDescriptorProto { name: Some("a.proto".into()), ..Default::default() }.encode_to_vec();
        // An option that nobody here knows must reach the plugin.
        encoded.extend([0xc2, 0x3e, 0x01, b'x']);
        let request = encode(&["a.proto"], &["flat", "bytes=."], &[Buffer::Borrowed(&encoded)]);
        let read = CodeGeneratorRequest::decode(&request[..]).unwrap();
        assert_eq!(read.file_to_generate, ["a.proto"]);
        assert_eq!(read.parameter(), "flat,bytes=.");
        assert_eq!(read.proto_file[0].name(), "a.proto");
        assert!(request.windows(encoded.len()).any(|window| window == encoded));
    }

    #[test]
    fn services_and_nothing_else_are_taken_out() {
        let service = ServiceDescriptorProto { name: Some("S".into()), ..Default::default() };
        let bare = FileDescriptorProto { name: Some("a.proto".into()), syntax: Some("x".into()), ..Default::default() };
        let full = FileDescriptorProto { service: vec![service.clone(), service], ..bare.clone() };
        assert_eq!(without(&full.encode_to_vec(), &[SERVICE]).unwrap(), bare.encode_to_vec());
        assert!(without(&[0xff], &[SERVICE]).is_err());
    }
}
