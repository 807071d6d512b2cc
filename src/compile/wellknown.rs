//! The files that every Protobuf compiler brings along, as `google/protobuf/*.proto`.
//!
//! They come from the reflection library, which carries them as descriptors without comments. Nothing is generated
//! from them, so the comments are not missed.

use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;

/// The well-known file that is imported as `path`.
pub(super) fn file(path: &str) -> Option<FileDescriptorProto> {
    if !path.starts_with("google/protobuf/") {
        return None;
    }
    DescriptorPool::global().get_file_by_name(path).map(|file| file.file_descriptor_proto().clone())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_files_of_protoc_are_there() {
        let names = "any api compiler/plugin descriptor duration empty field_mask source_context struct timestamp type wrappers";
        for name in names.split(' ') {
            assert!(super::file(&format!("google/protobuf/{name}.proto")).is_some(), "{name} is missing");
        }
        assert!(super::file("google/protobuf/nothing.proto").is_none());
    }
}
