//! The compiler's own `descriptor.proto`: what options there are when no file imports one.

use std::sync::LazyLock;

use prost_types::FileDescriptorProto;

use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::references;
use crate::compile::names::symbols::Symbols;

static DESCRIPTOR: LazyLock<FileDescriptorProto> = LazyLock::new(|| {
    let Some(mut file) = LoadedFile::well_known("google/protobuf/descriptor.proto") else {
        return FileDescriptorProto::default();
    };
    if let Ok(symbols) = Symbols::new(std::slice::from_ref(&file)) {
        references::resolve(&symbols, 0, &mut file);
    }
    file.proto.into_owned()
});

/// The file with its references resolved.
pub(super) fn descriptor() -> &'static FileDescriptorProto {
    &DESCRIPTOR
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::visit::elements::{Node, elements};

    #[test]
    fn every_reference_is_resolved() {
        let mut fields = 0;
        elements(descriptor(), |element| {
            if let Node::Field(field) = element.node {
                fields += 1;
                assert!(field.type_name.is_none() || field.type_name().starts_with(".google.protobuf."));
            }
        });
        assert!(fields > 100, "{fields}");
    }
}
