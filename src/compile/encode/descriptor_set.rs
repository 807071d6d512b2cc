//! Linked files become the descriptor set: encoded as `protoc` would send them to a plugin.

use std::sync::Arc;

use prost::{DecodeError, Message};
use rayon::prelude::*;

use super::source_locations;
use crate::compile::error::CompileError;
use crate::compile::link::LinkedFile;
use crate::model::wire_format::splice;
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin};

/// The descriptor set of `linked`, in the same order.
///
/// # Errors
/// When an encoding cannot be read back.
pub(in crate::compile) fn encode(linked: Vec<LinkedFile<'_>>) -> Result<DescriptorSet, CompileError> {
    let files: Result<_, DecodeError> = linked.into_par_iter().map(file).collect();
    let files = files.map_err(|e| CompileError::Internal(format!("a linked file cannot be read: {e}")))?;
    Ok(DescriptorSet { files })
}

fn file(linked: LinkedFile<'_>) -> Result<DescriptorFile, DecodeError> {
    let LinkedFile { origin, source, proto, mut splices, earlier, edition, .. } = linked;
    if let Some(earlier) = earlier {
        return Ok(earlier.file.clone());
    }
    let mut proto = proto.into_owned();
    if origin == FileOrigin::WellKnown {
        proto.source_code_info = None;
    }
    if let Some(info) = &mut proto.source_code_info {
        source_locations::arrange(info, source);
    }
    if let Some(edition) = edition {
        splices.extend(edition.detach(&mut proto));
    }
    splices.sort_by(|one, other| one.path.cmp(&other.path));
    let mut encoded = proto.encode_to_vec();
    proto.source_code_info = None;
    if !splices.is_empty() {
        encoded = splice(&encoded, &splices)?;
    }
    Ok(DescriptorFile { origin, encoded: encoded.into(), proto: Arc::new(proto) })
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::compile_files;

    #[test]
    fn texts_that_are_no_utf_8_keep_their_bytes_and_lose_nothing_beside_them() {
        let source = r#"syntax = "proto2"; option java_package = "\xff"; option go_package = "go"; option deprecated = true;
            message M { optional string s = 1 [default = "a\xffb", json_name = "\xfe", deprecated = true]; }"#;
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let file = &compiled.descriptors.files[0];
        for bytes in [&b"\x0a\x01\xff"[..], b"a\xffb", b"\x52\x01\xfe"] {
            assert!(file.encoded.windows(bytes.len()).any(|found| found == bytes), "{bytes:?}");
        }
        let options = file.proto.options.as_ref().unwrap();
        assert_eq!((options.java_package(), options.go_package(), options.deprecated()), ("\u{fffd}", "go", true));
        let field = &file.proto.message_type[0].field[0];
        assert_eq!((field.default_value(), field.json_name()), ("a\u{fffd}b", "\u{fffd}"));
        assert!(field.options.as_ref().unwrap().deprecated());
    }
}
