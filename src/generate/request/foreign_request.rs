//! Requests that another program put together: they pass the same checks as our own, and files with an edition are
//! lowered as in our own.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost::{DecodeError, Message as _};
use prost_types::FileDescriptorProto;
use prost_types::compiler::CodeGeneratorRequest;

use super::encode::{PARAMETER, PROTO_FILE};
use super::{Request, lowered_editions};
use crate::generate::error::{GenerateError, unreadable};
use crate::generate::generator::Generator;
use crate::generate::options::Options;
use crate::generate::preflight;
use crate::generate::response::descriptor_sets;
use crate::model::wire_format::{Fields, last_text};
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin, ModuleName, Plugin};

/// Placeholder modules for the files to generate and for the others: such a request names no modules.
const WANTED: &str = "outside/wanted";
const OTHERS: &str = "outside/others";

/// Makes the checks that stand before every run of `generator`.
pub(in crate::generate) fn check(
    plugin: &Plugin,
    generator: &dyn Generator,
    encoded: &[u8],
) -> Result<(), GenerateError> {
    let request = read(plugin, encoded)?;
    let (module, files) = files(plugin, request.file_to_generate, request.proto_file)?;
    let descriptors = DescriptorSet { files };
    let options = Options::read(plugin, request.parameter.as_deref().unwrap_or_default())?.texts();
    let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &options };
    preflight::check(plugin, generator.extern_path_style(), &request)
}

/// The request with files that `generator` can read, and the options that it needs for them.
pub(in crate::generate) fn lower(
    plugin: &Plugin,
    generator: &dyn Generator,
    makes_messages: bool,
    encoded: Vec<u8>,
) -> Result<Vec<u8>, GenerateError> {
    let undecodable = |error: DecodeError| unreadable(plugin, error.to_string());
    let style = generator.extern_path_style();
    if style.is_buffa() || !has_edition(&encoded).map_err(undecodable)? {
        return Ok(encoded);
    }
    let request = read(plugin, &encoded)?;
    let (module, mut files) = files(plugin, request.file_to_generate, request.proto_file)?;
    // As they were encoded: decoding loses options that `descriptor.proto` does not know.
    let contents = Fields(&encoded).filter(|field| field.as_ref().is_ok_and(|field| field.number == PROTO_FILE));
    for (file, content) in files.iter_mut().zip(contents) {
        file.encoded = Bytes::copy_from_slice(content.map_err(undecodable)?.content);
    }
    let descriptors = DescriptorSet { files };
    let written = request.parameter.unwrap_or_default();
    let mut options = Options::read(plugin, &written)?.texts();
    if options.iter().any(|option| option.split('=').next() == Some(descriptor_sets::OPTION)) {
        return Err(GenerateError::LoweredSet { plugin: plugin.reference(), option: descriptor_sets::OPTION });
    }
    let lowered = lowered_editions::lower(style, &descriptors, &module)?;
    // What stands beside messages that another plugin makes needs no boxes.
    if makes_messages {
        options.extend(lowered.options(plugin)?);
    }
    let mut out = Vec::with_capacity(encoded.len());
    for field in Fields(&encoded) {
        let field = field.map_err(undecodable)?;
        if ![PARAMETER, PROTO_FILE].contains(&field.number) {
            out.extend_from_slice(field.whole);
        }
    }
    let parameter = options.join(",").into_bytes();
    let parameter = Some((PARAMETER, &parameter[..])).filter(|(_, parameter)| !parameter.is_empty());
    let files = lowered.descriptors.files.iter().map(|file| (PROTO_FILE, &file.encoded[..]));
    for (number, content) in parameter.into_iter().chain(files) {
        encode_key(number, WireType::LengthDelimited, &mut out);
        encode_varint(content.len() as u64, &mut out);
        out.extend_from_slice(content);
    }
    Ok(out)
}

/// Whether a file of the request has an edition; most have none, and need not be decoded.
fn has_edition(request: &[u8]) -> Result<bool, DecodeError> {
    const SYNTAX: u32 = 12;
    for field in Fields(request) {
        let field = field?;
        if field.number == PROTO_FILE && last_text(field.content, SYNTAX)? == lowered_editions::EDITIONS.as_bytes() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read(plugin: &Plugin, encoded: &[u8]) -> Result<CodeGeneratorRequest, GenerateError> {
    CodeGeneratorRequest::decode(encoded).map_err(|error| unreadable(plugin, error.to_string()))
}

/// The files of a request, those to generate as of one module; its name.
fn files(
    plugin: &Plugin,
    wanted: Vec<String>,
    files: Vec<FileDescriptorProto>,
) -> Result<(ModuleName, Vec<DescriptorFile>), GenerateError> {
    let name = |text: &str| text.parse::<ModuleName>().map_err(|error| unreadable(plugin, error.to_string()));
    let (module, others) = (name(WANTED)?, name(OTHERS)?);
    let generated: HashSet<String> = wanted.into_iter().collect();
    let file = |proto: FileDescriptorProto| {
        let own = generated.contains(proto.name());
        let origin = FileOrigin::Module(if own { module.clone() } else { others.clone() });
        DescriptorFile { origin, encoded: Bytes::new(), proto: Arc::new(proto) }
    };
    let files = files.into_iter().map(file).collect();
    Ok((module, files))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Catalogue, check_request};
    use crate::model::PluginRef;
    use crate::model::testing::set;

    fn refused(plugin: &str, source: &str) -> Option<String> {
        let request = CodeGeneratorRequest {
            file_to_generate: vec!["a.proto".into()],
            proto_file: set(&[("acme/app", "a.proto", source)])
                .files
                .iter()
                .map(|file| (*file.proto).clone())
                .collect(),
            ..Default::default()
        };
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&plugin.parse::<PluginRef>().unwrap()).unwrap();
        check_request(plugin, &request.encode_to_vec()).err().map(|error| error.to_string())
    }

    #[test]
    fn what_would_never_end_is_refused_from_outside_too() {
        let levels = 1..=40;
        let level = |n: i32| format!("message M{n} {{ M{0} a = 1; M{0} b = 2; }}\n", n - 1);
        let doubling: String = levels.map(level).collect();
        let text =
            refused("community/neoeinstein-prost", &format!("package p; message M0 {{ int32 x = 1; }}\n{doubling}"));
        assert!(text.unwrap().contains("a.proto"));
        assert_eq!(refused("community/neoeinstein-prost", "package p; message M { int32 x = 1; }"), None);
    }

    #[test]
    fn bytes_that_are_no_request_are_refused() {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&"community/neoeinstein-prost".parse::<PluginRef>().unwrap()).unwrap();
        assert!(check_request(plugin, &[0x0a, 0xff]).is_err());
    }
}
