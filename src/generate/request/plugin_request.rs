//! Requests with checked options: generators get no others.

use prost::encoding::{DecodeContext, WireType, bytes, decode_key, encode_key, encode_varint, skip_field};

use crate::generate::error::{GenerateError, unreadable};
use crate::generate::options::Options;
use crate::model::Plugin;

/// Field number of `parameter` in `google.protobuf.compiler.CodeGeneratorRequest`.
const PARAMETER: u32 = 2;

/// An encoded `CodeGeneratorRequest` that a generator can be given: its options were read, and are in it as they were
/// read.
#[derive(Debug)]
pub struct PluginRequest {
    encoded: Vec<u8>,
    options: Options,
}

impl PluginRequest {
    /// Reads and rewrites the options of an encoded request for `plugin`.
    ///
    /// # Errors
    /// When it cannot be read, or there is an option that the plugin does not know or that is written wrong.
    pub fn new(plugin: &Plugin, mut encoded: Vec<u8>) -> Result<Self, GenerateError> {
        let undecodable = |error: prost::DecodeError| unreadable(plugin, error.to_string());
        let found = Parameter::of(&encoded).map_err(undecodable)?;
        let text =
            std::str::from_utf8(&found.text).map_err(|_| unreadable(plugin, "the options are not UTF-8".to_owned()))?;
        let options = Options::read(plugin, text)?;
        let parameter = options.parameter();
        if text != parameter || found.fields > 1 {
            encoded = found.rest(&encoded);
            if !parameter.is_empty() {
                encode_key(PARAMETER, WireType::LengthDelimited, &mut encoded);
                encode_varint(parameter.len() as u64, &mut encoded);
                encoded.extend_from_slice(parameter.as_bytes());
            }
        }
        Ok(Self { encoded, options })
    }

    /// The request.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// Its options.
    pub(in crate::generate) fn options(&self) -> &Options {
        &self.options
    }
}

/// The field `parameter` of an encoded request: of several the last holds.
#[derive(Default)]
struct Parameter {
    text: Vec<u8>,
    fields: usize,
    /// Where the other fields are.
    others: Vec<std::ops::Range<usize>>,
}

impl Parameter {
    fn of(encoded: &[u8]) -> Result<Self, prost::DecodeError> {
        let mut found = Self::default();
        let mut rest = encoded;
        while !rest.is_empty() {
            let start = encoded.len() - rest.len();
            let (tag, wire) = decode_key(&mut rest)?;
            if tag == PARAMETER {
                bytes::merge(wire, &mut found.text, &mut rest, DecodeContext::default())?;
                found.fields += 1;
            } else {
                skip_field(wire, tag, &mut rest, DecodeContext::default())?;
                found.others.push(start..encoded.len() - rest.len());
            }
        }
        Ok(found)
    }

    /// `encoded` without the field.
    fn rest(&self, encoded: &[u8]) -> Vec<u8> {
        self.others.iter().flat_map(|range| &encoded[range.clone()]).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;

    fn plugin() -> Plugin {
        Catalogue::embedded().unwrap().find(&"community/neoeinstein-prost:v0.4.0".parse().unwrap()).unwrap().clone()
    }

    #[test]
    fn a_request_holds_the_options_once_and_as_they_were_read() {
        let field = |tag: u8, text: &str| [&[tag, text.len() as u8], text.as_bytes()].concat();
        let given = [field(0x12, "gen_crate=x"), field(0x0a, "a.proto"), field(0x12, " bytes=. ")].concat();
        let request = PluginRequest::new(&plugin(), given).unwrap();
        assert_eq!(request.encoded(), [field(0x0a, "a.proto"), field(0x12, "bytes=.")].concat());
        let as_it_is = [field(0x12, "bytes=."), field(0x0a, "a.proto")].concat();
        assert_eq!(PluginRequest::new(&plugin(), as_it_is.clone()).unwrap().encoded(), as_it_is);
        assert!(PluginRequest::new(&plugin(), vec![0xff]).is_err());
        assert!(PluginRequest::new(&plugin(), vec![0x12, 1, 0xff]).is_err());
    }
}
