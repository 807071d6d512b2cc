//! The files that every Protobuf compiler brings along, as `google/protobuf/*.proto`.
//!
//! Most come from the reflection library, which carries them as descriptors without comments; nothing is generated from
//! them, so the comments are not missed. Its `descriptor.proto` is older than editions, and it has no files of features:
//! those are ours.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;

use super::parser;

macro_rules! ours {
    ($($name:literal),* $(,)?) => {
        [$((
            concat!("google/protobuf/", $name, ".proto"),
            include_str!(concat!("../../../assets/wellknown/google/protobuf/", $name, ".proto")),
        )),*]
    };
}

/// Our files, by path; `descriptor` first, because the others import it.
const OURS: [(&str, &str); 4] = ours!["descriptor", "cpp_features", "go_features", "java_features"];

static PARSED: LazyLock<BTreeMap<&str, (FileDescriptorProto, &str)>> = LazyLock::new(|| {
    let parse = |(path, source)| Some((path, (parser::parse(path, source).ok()?.proto, source)));
    OURS.into_iter().filter_map(parse).collect()
});

/// The well-known file that is imported as `path`, and its text: that is empty when all options are interpreted.
pub(in crate::compile) fn file(path: &str) -> Option<(FileDescriptorProto, &'static str)> {
    if !path.starts_with("google/protobuf/") {
        return None;
    }
    let others = || Some((DescriptorPool::global().get_file_by_name(path)?.file_descriptor_proto().clone(), ""));
    PARSED.get(path).cloned().or_else(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_protoc_are_there() {
        let names = "any api compiler/plugin descriptor duration empty field_mask source_context struct timestamp type \
                     wrappers cpp_features go_features java_features";
        for name in names.split(' ') {
            assert!(file(&format!("google/protobuf/{name}.proto")).is_some(), "{name} is missing");
        }
        assert!(file("google/protobuf/nothing.proto").is_none());
    }

    /// A newer file may add to what the older one has, but must not say anything else.
    #[test]
    fn our_descriptor_file_agrees_with_the_older_one() {
        let older = DescriptorPool::global();
        let mut ours = DescriptorPool::new();
        ours.add_file_descriptor_proto(file("google/protobuf/descriptor.proto").unwrap().0).unwrap();
        for message in older.get_file_by_name("google/protobuf/descriptor.proto").unwrap().messages() {
            let newer = ours.get_message_by_name(message.full_name()).unwrap();
            for field in message.fields() {
                let Some(found) = newer.get_field_by_name(field.name()) else {
                    let is_reserved = newer.reserved_ranges().any(|range| range.contains(&field.number()));
                    assert!(is_reserved, "{} is gone", field.full_name());
                    continue;
                };
                assert_eq!(
                    format!("{:?} {:?}", found.kind(), found.cardinality()),
                    format!("{:?} {:?}", field.kind(), field.cardinality()),
                    "{}",
                    field.full_name()
                );
                assert_eq!(found.number(), field.number(), "{}", field.full_name());
            }
        }
    }
}
