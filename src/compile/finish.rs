//! Linked files become the descriptor set: encoded as `protoc` would send them to a plugin.

use std::sync::Arc;

use bytes::Buf;
use prost::encoding::{DecodeContext, decode_key, skip_field};
use prost::{DecodeError, Message};
use prost_types::FileDescriptorProto;
use rayon::prelude::*;

use super::link::LinkedFile;
use super::{CompileError, locations};
use crate::model::{DescriptorFile, DescriptorSet};

/// Fields of `FileDescriptorProto` that were kept from the linker: imports, source information and syntax.
const KEPT: [u32; 5] = [3, 9, 10, 11, 12];

/// The descriptor set of `linked`, in the same order.
///
/// # Errors
/// When the linker's encoding cannot be read.
pub(super) fn finish(linked: Vec<LinkedFile<'_>>) -> Result<DescriptorSet, CompileError> {
    let files: Result<_, DecodeError> = linked.into_par_iter().map(file).collect();
    let files = files.map_err(|e| CompileError::Internal(format!("a linked file cannot be read: {e}")))?;
    Ok(DescriptorSet { files })
}

fn file(linked: LinkedFile<'_>) -> Result<DescriptorFile, DecodeError> {
    let LinkedFile { origin, source, mut proto, encoded, .. } = linked;
    if let Some(info) = &mut proto.source_code_info {
        locations::arrange(info, source);
    }
    let encoded = merge(&encoded, &kept(&proto).encode_to_vec())?;
    Ok(DescriptorFile { origin, encoded: encoded.into(), proto: Arc::new(proto) })
}

/// Only the parts of `proto` that were kept from the linker.
fn kept(proto: &FileDescriptorProto) -> FileDescriptorProto {
    FileDescriptorProto {
        dependency: proto.dependency.clone(),
        public_dependency: proto.public_dependency.clone(),
        weak_dependency: proto.weak_dependency.clone(),
        source_code_info: proto.source_code_info.clone(),
        syntax: proto.syntax.clone(),
        ..FileDescriptorProto::default()
    }
}

/// `linked` with the [`KEPT`] fields of `kept` in place of its own, fields in the order of their numbers.
fn merge(linked: &[u8], kept: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut fields = fields(linked)?;
    fields.retain(|(number, _)| !KEPT.contains(number));
    fields.extend(self::fields(kept)?);
    fields.sort_by_key(|(number, _)| *number);
    Ok(fields.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>().concat())
}

/// The encoded fields of a message with their numbers.
fn fields(mut message: &[u8]) -> Result<Vec<(u32, &[u8])>, DecodeError> {
    let mut fields = Vec::new();
    while message.has_remaining() {
        let start = message;
        let (number, wire_type) = decode_key(&mut message)?;
        skip_field(wire_type, number, &mut message, DecodeContext::default())?;
        fields.push((number, &start[..start.len() - message.len()]));
    }
    Ok(fields)
}
