//! The embedded plugins: one function each, from an encoded request to files.

pub(super) mod buffa;
pub(super) mod neoeinstein;
pub(super) mod prost_0_4;
pub(super) mod prost_json;

use ::bytes::Buf as _;
use prost::encoding::{DecodeContext, WireType, bytes, decode_key, skip_field};

/// Field number of `parameter` in `google.protobuf.compiler.CodeGeneratorRequest`.
const PARAMETER: u32 = 2;

/// The options of an encoded request, without reading all the rest.
pub(super) fn parameter(mut request: &[u8]) -> Result<String, String> {
    let unreadable = |e: prost::DecodeError| format!("the request cannot be read: {e}");
    let mut found = Vec::<u8>::new();
    while request.has_remaining() {
        let (tag, wire) = decode_key(&mut request).map_err(unreadable)?;
        if tag == PARAMETER && wire == WireType::LengthDelimited {
            bytes::merge(wire, &mut found, &mut request, DecodeContext::default()).map_err(unreadable)?;
        } else {
            skip_field(wire, tag, &mut request, DecodeContext::default()).map_err(unreadable)?;
        }
    }
    String::from_utf8(found).map_err(|_| "the options are not UTF-8".to_owned())
}
