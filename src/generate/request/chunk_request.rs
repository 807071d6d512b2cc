//! The encoded request for one chunk of a module.

use std::borrow::Cow;

use super::encode;
use super::partition::Chunk;
use crate::generate::error::GenerateError;
use crate::generate::generator::Generator;
use crate::generate::request::Request;
use crate::model::DescriptorFile;
use crate::model::wire_format::without_fields;

/// The request for the files of `chunk`.
pub(in crate::generate) fn encode_chunk(
    generator: &dyn Generator,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    options: &[&str],
) -> Result<Vec<u8>, GenerateError> {
    let own = request.descriptors.of_module(request.module).map(|file| file.proto.name());
    let names: Vec<_> = own.filter(|name| chunk.contains(name)).collect();
    let shown = |file| shown_to(generator, chunk, file);
    let files = request.descriptors.files.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    Ok(encode::encode(&names, options, &files))
}

/// The encoded file that the generator is shown.
fn shown_to<'a>(
    generator: &dyn Generator,
    chunk: &Chunk<'_>,
    file: &'a DescriptorFile,
) -> Result<Cow<'a, [u8]>, GenerateError> {
    // A generator of stubs makes them for every file that it is shown.
    let left_out = match (generator.splits(), generator.extern_path_style().is_stubs()) {
        (true, true) => &[encode::SOURCE_CODE_INFO, encode::SERVICE][..],
        (true, false) => &[encode::SOURCE_CODE_INFO],
        (false, true) => &[encode::SERVICE],
        (false, false) => &[],
    };
    if left_out.is_empty() || chunk.contains(file.proto.name()) {
        return Ok(Cow::Borrowed(&file.encoded));
    }
    without_fields(&file.encoded, left_out)
        .map(Cow::Owned)
        .map_err(|e| GenerateError::Descriptor { file: file.proto.name().into(), reason: e.to_string() })
}
