//! Gives generated files the descriptor set of their package without printing it.
//!
//! The prost plugin writes the set as a list of numbers, seven bytes of text for one byte: this takes most of its time
//! and memory, and `package` replaces it by a file. So the plugin runs without that option, and the constant is added
//! here as the plugin would add it, with its bytes beside the text.
//!
//! Files with an edition are rewritten for the plugin, so its set would not be that of the sources: for these the
//! constant is added here whatever the plugin is.

use std::collections::HashMap;

use prost::encoding::{WireType, encode_key, encode_varint};

use super::own_files::file_modules;
use crate::generate::request::Request;
use crate::model::{Generated, Plugin, rust_modules};

/// The plugin's option that asks for the set.
pub(in crate::generate) const OPTION: &str = "file_descriptor_set";

/// `FileDescriptorSet.file`.
const FILE: u32 = 1;

/// Where the plugin puts the constant.
const POINT: &str = "// @@protoc_insertion_point(module)\n";

/// The set of a package, under the name that the plugin would use: the first of the packages that share a Rust module.
struct Set<'a> {
    package: &'a str,
    bytes: Vec<u8>,
}

/// Adds the constant to all files of `generated`.
pub(in crate::generate) fn add(plugin: &Plugin, request: &Request<'_>, generated: &mut Generated) {
    let mut sets: HashMap<Vec<String>, Set<'_>> = generated
        .files
        .iter()
        .map(|file| (file_modules(plugin, &file.name), Set { package: "", bytes: vec![] }))
        .collect();
    for file in &request.descriptors.files {
        let Some(set) = sets.get_mut(&rust_modules(file.proto.package())) else { continue };
        if set.bytes.is_empty() {
            set.package = file.proto.package();
        }
        encode_key(FILE, WireType::LengthDelimited, &mut set.bytes);
        encode_varint(file.encoded.len() as u64, &mut set.bytes);
        set.bytes.extend_from_slice(&file.encoded);
    }
    for file in &mut generated.files {
        let Some(set) = sets.remove(&file_modules(plugin, &file.name)) else { continue };
        let Some(point) = file.content.rfind(POINT) else { continue };
        let constant = format!(
            "/// Encoded file descriptor set for the `{}` package\npub const FILE_DESCRIPTOR_SET: &[u8] = &[\n];\n",
            set.package
        );
        file.content.insert_str(point, &constant);
        file.descriptors = Some(set.bytes.into());
    }
}
