//! Files with an edition, as prost can read them: prost knows proto2 and proto3 alone, and the registry knows the
//! features that an edition sets field by field. So each field is declared the way that has its features, and the file
//! passes for one of proto3. What the edition decides beyond that is nothing to prost:
//!
//! - `enum_type`: a field holds any number, as in proto2.
//! - `utf8_validation`: a `String` holds UTF-8 alone, as in proto2.
//! - Extensions are left out, as in proto2.
//!
//! Crates embed the descriptors of the sources, not these.

mod boxes;
mod features;
mod fields;

use std::borrow::Cow;
use std::sync::Arc;

use prost::{DecodeError, Message as _};
use prost_types::FileDescriptorProto;

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::model::{DescriptorFile, DescriptorSet, KNOWN_EDITIONS, ModuleName, Plugin};
use boxes::OpenCircle;
use features::{Features, WrittenFile};

/// What the syntax of a file with an edition is called.
pub(in crate::generate) const EDITIONS: &str = "editions";

/// A descriptor set that a generator can read.
#[derive(Debug)]
pub(in crate::generate) struct Lowered<'a> {
    /// The files, those with an edition rewritten.
    pub descriptors: Cow<'a, DescriptorSet>,
    circles: Vec<OpenCircle>,
}

/// Whether the files have to be lowered for generators of this style.
pub(in crate::generate) fn is_needed(style: ExternPathStyle, descriptors: &DescriptorSet) -> bool {
    !style.is_buffa() && descriptors.files.iter().any(has_edition)
}

/// The files for generators of this style, which make code of `module`.
pub(in crate::generate) fn lower<'a>(
    style: ExternPathStyle,
    descriptors: &'a DescriptorSet,
    module: &ModuleName,
) -> Result<Lowered<'a>, GenerateError> {
    if !is_needed(style, descriptors) {
        return Ok(Lowered { descriptors: Cow::Borrowed(descriptors), circles: vec![] });
    }
    let mut descriptors = descriptors.clone();
    for file in descriptors.files.iter_mut().filter(|file| has_edition(file)) {
        lower_file(file)?;
    }
    let circles = match style.is_stubs() {
        true => vec![],
        false => descriptors.of_module(module).flat_map(boxes::open_circles).collect(),
    };
    Ok(Lowered { descriptors: Cow::Owned(descriptors), circles })
}

impl Lowered<'_> {
    /// The options that `plugin` needs for these files.
    pub(in crate::generate) fn options(&self, plugin: &Plugin) -> Result<Vec<String>, GenerateError> {
        match self.circles.first() {
            Some(circle) if !plugin.known_options.contains_key(boxes::OPTION) => Err(circle.refused()),
            _ => Ok(self.circles.iter().map(OpenCircle::option).collect()),
        }
    }
}

fn has_edition(file: &DescriptorFile) -> bool {
    file.proto.syntax() == EDITIONS
}

fn lower_file(file: &mut DescriptorFile) -> Result<(), GenerateError> {
    let unreadable =
        |error: DecodeError| GenerateError::Descriptor { file: file.proto.name().into(), reason: error.to_string() };
    let written = WrittenFile::decode(&file.encoded[..]).map_err(unreadable)?;
    if !written.edition.is_some_and(|edition| KNOWN_EDITIONS.contains(&edition)) {
        return Err(GenerateError::Edition { file: file.proto.name().into() });
    }
    let mut proto = FileDescriptorProto::decode(&file.encoded[..]).map_err(unreadable)?;
    let features = Features::default().with(written.features());
    let scope = if proto.package().is_empty() { String::new() } else { format!(".{}", proto.package()) };
    for (message, written) in proto.message_type.iter_mut().zip(&written.messages) {
        fields::lower(message, written, &scope, features);
    }
    proto.syntax = Some("proto3".into());
    file.encoded = proto.encode_to_vec().into();
    file.proto = Arc::new(FileDescriptorProto { source_code_info: None, ..proto });
    Ok(())
}

#[cfg(test)]
mod tests;
