//! Builds the request that `protoc` would send to a plugin. Files are spliced in as they were encoded: decoding
//! and encoding again would lose options that `descriptor.proto` does not know.

use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::compiler::Version;

/// Field numbers of `google.protobuf.compiler.CodeGeneratorRequest`.
pub(in crate::generate) const FILE_TO_GENERATE: u32 = 1;
pub(in crate::generate) const PARAMETER: u32 = 2;
const COMPILER_VERSION: u32 = 3;
pub(in crate::generate) const PROTO_FILE: u32 = 15;

/// Field numbers of `google.protobuf.FileDescriptorProto`.
pub(in crate::generate) const SERVICE: u32 = 6;
pub(in crate::generate) const SOURCE_CODE_INFO: u32 = 9;

/// The compiler that is named to plugins: that of the plugins' own time. A constant, so that output never
/// depends on it.
const COMPILER: (i32, i32, i32) = (6, 31, 1);

/// Encodes a request for the files named `generate`, with all `files` in dependency order.
pub(in crate::generate) fn encode(generate: &[&str], options: &[&str], files: &[Buffer<'_>]) -> Vec<u8> {
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
pub(in crate::generate) type Buffer<'a> = std::borrow::Cow<'a, [u8]>;

fn bytes_field(tag: u32, value: &[u8], into: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, into);
    encode_varint(value.len() as u64, into);
    into.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_types::FileDescriptorProto;
    use prost_types::compiler::CodeGeneratorRequest;

    #[test]
    fn a_request_reads_back_as_it_was_meant() {
        let mut encoded = FileDescriptorProto { name: Some("a.proto".into()), ..Default::default() }.encode_to_vec();
        // An option that this program does not know must reach the plugin.
        encoded.extend([0xc2, 0x3e, 0x01, b'x']);
        let request = encode(&["a.proto"], &["flat", "bytes=."], &[Buffer::Borrowed(&encoded)]);
        let read = CodeGeneratorRequest::decode(&request[..]).unwrap();
        assert_eq!(read.file_to_generate, ["a.proto"]);
        assert_eq!(read.parameter(), "flat,bytes=.");
        assert_eq!(read.proto_file[0].name(), "a.proto");
        assert!(request.windows(encoded.len()).any(|window| window == encoded));
    }
}
