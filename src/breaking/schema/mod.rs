//! The two versions that are compared, as rules look at them.

pub(super) mod cardinality;
pub(super) mod default_value;
pub(super) mod descriptor;
pub(super) mod element;
pub(super) mod features;
pub(super) mod field_kind;
pub(super) mod index;
pub(super) mod stability;

use prost::Message as _;

use crate::breaking::version::Version;
use crate::model::DescriptorFile;
use element::SourceFile;

pub(super) use prost_types::field_descriptor_proto::{Label, Type};

/// The files of a version. What cannot be decoded, which the compiler never makes, is left out.
pub(super) fn files(version: Version<'_>) -> Vec<SourceFile> {
    let file = |file: &DescriptorFile| {
        let decoded = descriptor::File::decode(&file.encoded[..]).ok()?;
        Some(SourceFile { file: decoded, is_import: !file.is_of(version.module) })
    };
    version.descriptors.files.iter().filter_map(file).collect()
}
