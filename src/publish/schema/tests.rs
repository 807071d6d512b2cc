use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::*;
use crate::model::testing::{module, set};

const PETS: &[(&str, &str, &str)] = &[
    ("acme/base", "base/type.proto", "package base; message Money { int64 units = 1; } message Unused {}"),
    (
        "acme/base",
        "base/options.proto",
        "package base; import \"google/protobuf/descriptor.proto\";
         extend google.protobuf.FieldOptions { Hint hint = 51001; } message Hint { string text = 1; }",
    ),
    ("acme/base", "base/all.proto", "package base; import public \"base/type.proto\"; message Never {}"),
    (
        "acme/pets",
        "pets.proto",
        "package pets; import \"base/options.proto\"; import \"base/all.proto\"; import \"google/protobuf/empty.proto\";
         message Other {}
         // What barks.
         message Dog { base.Money price = 1 [(base.hint).text = \"cash\"]; Kind kind = 2; message Tag {} }
         enum Kind { KIND_NONE = 0; }
         enum Alone { ALONE_NONE = 0; }
         service Pets { rpc Get(Other) returns (Dog); }
         service Rest { rpc Drop(Other) returns (google.protobuf.Empty); }",
    ),
];

fn ask(request: &SchemaRequest) -> Vec<FileDescriptorProto> {
    let files = schema(&set(PETS), &module("acme/pets"), request).unwrap();
    files.into_iter().map(|file| FileDescriptorProto::decode(file).unwrap()).collect()
}

fn symbols(names: &[&str]) -> SchemaRequest {
    SchemaRequest { symbols: names.iter().map(|name| (*name).to_owned()).collect(), ..SchemaRequest::default() }
}

fn paths(files: &[FileDescriptorProto]) -> Vec<&str> {
    files.iter().map(FileDescriptorProto::name).collect()
}

#[test]
fn without_symbols_a_schema_is_the_whole_module_with_its_imports() {
    let files = ask(&SchemaRequest::default());
    assert_eq!(files.len(), 6, "{:?}", paths(&files));
    assert!(files.iter().all(|file| file.source_code_info.is_none()));
    let own = ask(&SchemaRequest { without_imports: true, source_info: true, ..SchemaRequest::default() });
    assert_eq!(paths(&own), ["pets.proto"]);
    assert!(own[0].source_code_info.is_some());
}

#[test]
fn a_schema_of_a_symbol_holds_what_the_symbol_needs_and_can_be_used_alone() {
    for symbol in ["pets.Dog", "pets.Dog.Tag"] {
        let request = symbols(&[symbol]);
        let files = ask(&request);
        let dog = files.last().unwrap();
        assert_eq!(dog.message_type.iter().map(|message| message.name()).collect::<Vec<_>>(), ["Dog"]);
        assert_eq!((dog.enum_type.len(), dog.service.len()), (1, 0));
        // The import of an import, and the custom option that the field has.
        let expected = [
            "base/type.proto",
            "base/all.proto",
            "google/protobuf/descriptor.proto",
            "base/options.proto",
            "pets.proto",
        ];
        let mut sorted = paths(&files);
        sorted.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        let kept = |path: &str| files.iter().find(|file| file.name() == path).unwrap().message_type.len();
        assert_eq!((kept("base/type.proto"), kept("base/all.proto")), (1, 0));
        let pool = DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file: files }).unwrap();
        let price = pool.get_message_by_name("pets.Dog").unwrap().get_field_by_name("price").unwrap();
        assert_eq!(price.kind().as_message().unwrap().full_name(), "base.Money");
        let encoded = schema(&set(PETS), &module("acme/pets"), &request).unwrap().concat();
        assert!(encoded.windows(4).any(|word| word == b"cash"), "the custom option is gone");
    }
}

#[test]
fn methods_packages_and_extensions_are_symbols_too() {
    let services = |symbol: &str| -> Vec<String> {
        let file = ask(&symbols(&[symbol])).pop().unwrap();
        file.service.iter().map(|service| service.name().to_owned()).collect()
    };
    assert_eq!(services("pets.Pets.Get"), ["Pets"]);
    assert_eq!(services("pets"), ["Pets", "Rest"]);
    assert_eq!(paths(&ask(&symbols(&["base.hint"]))), ["google/protobuf/descriptor.proto", "base/options.proto"]);
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let request = SchemaRequest { source_info: true, without_imports: true, ..symbols(&["pets.Dog"]) };
    let files = ask(&request);
    assert_eq!(paths(&files), ["pets.proto"]);
    let comments = files[0].source_code_info.clone().unwrap().location;
    let dog = comments.iter().find(|location| location.path == [4, 0]).unwrap();
    assert_eq!(dog.leading_comments(), " What barks.\n");
}

#[test]
fn symbols_that_are_not_declared_are_refused() {
    let refusal = |symbol: &str| schema(&set(PETS), &module("acme/pets"), &symbols(&[symbol])).unwrap_err().to_string();
    assert!(refusal("pets.Cat").contains("declares pets.Cat"));
    assert!(refusal(".pets.Dog").contains("without a dot"));
    assert!(refusal("").contains("full name"));
}
