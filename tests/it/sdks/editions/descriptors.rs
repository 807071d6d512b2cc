//! The descriptor set of a commit is, file by file and field by field, the image that `buf build` makes of its sources.

use std::collections::BTreeMap;

use prost::Message as _;
use prost::bytes::Buf as _;
use prost::encoding::{DecodeContext, decode_key, decode_varint, skip_field};
use prost_types::SourceCodeInfo;
use prost_types::source_code_info::Location;

use super::sources;
use crate::support::{Buf, Registry};

/// `FileDescriptorSet.file` and `FileDescriptorProto.name`.
const FILE: u32 = 1;
const NAME: u32 = 1;
/// `FileDescriptorProto.source_code_info`.
const SOURCE_CODE_INFO: u32 = 9;
/// What `buf` says about a file in its images, for itself.
const BUF_EXTENSION: u32 = 8042;

/// The fields of an encoded message in their order: number, and the encoded value.
fn fields(mut message: &[u8]) -> Vec<(u32, &[u8])> {
    let mut found = Vec::new();
    while message.has_remaining() {
        let (number, kind) = decode_key(&mut message).unwrap();
        let mut rest = message;
        skip_field(kind, number, &mut rest, DecodeContext::default()).unwrap();
        found.push((number, &message[..message.len() - rest.len()]));
        message = rest;
    }
    found
}

/// A value without its length.
fn inside(mut value: &[u8]) -> &[u8] {
    let length = decode_varint(&mut value).unwrap();
    assert_eq!(length, value.len() as u64);
    value
}

/// A file as it can be compared.
struct File {
    /// All fields but the places and what `buf` adds, by number.
    fields: Vec<(u32, Vec<u8>)>,
    /// Path and span of every place, with the comments there.
    places: Vec<Location>,
}

fn files(set: &[u8]) -> BTreeMap<String, File> {
    let set = fields(set).into_iter().filter(|(number, _)| *number == FILE);
    set.map(|(_, file)| file_of(inside(file))).collect()
}

fn file_of(encoded: &[u8]) -> (String, File) {
    let all = fields(encoded);
    let of = |wanted| all.iter().find(|(number, _)| *number == wanted).map(|(_, value)| inside(value));
    let name = String::from_utf8(of(NAME).unwrap().to_vec()).unwrap();
    let info = of(SOURCE_CODE_INFO).map_or_else(SourceCodeInfo::default, |info| SourceCodeInfo::decode(info).unwrap());
    let mut fields: Vec<_> = all.iter().map(|(number, value)| (*number, value.to_vec())).collect();
    fields.retain(|(number, _)| ![SOURCE_CODE_INFO, BUF_EXTENSION].contains(number));
    // Which of two fields is encoded first means nothing; the order among those of one number does.
    fields.sort_by_key(|(number, _)| *number);
    (name, File { fields, places: info.location })
}

/// Well-known files come from the compiler, and each compiler has its own.
fn without_well_known(files: BTreeMap<String, File>) -> BTreeMap<String, File> {
    files.into_iter().filter(|(name, _)| !name.starts_with("google/protobuf/")).collect()
}

#[test]
fn descriptors_of_editions_are_those_of_buf() {
    let registry = Registry::start();
    let buf = sources(&registry);
    buf.push("pets");
    buf.lock_and_push("shop");
    for (module, count) in [("pets", 1), ("shop", 3)] {
        buf.run(["build", module, "-o", "image.binpb"]).ok();
        let expected = without_well_known(files(&std::fs::read(buf.path("image.binpb")).unwrap()));
        let set = registry.get(&format!("/acme/{module}/descriptor/main")).ok().body;
        let found = without_well_known(files(&set));
        assert_eq!(found.len(), count, "{module}");
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, file) in found {
            assert_eq!(file.fields, expected[&name].fields, "{name}");
            let pairs = file.places.iter().zip(&expected[&name].places);
            pairs.for_each(|(ours, theirs)| assert_eq!(ours, theirs, "{name}"));
            assert_eq!(file.places.len(), expected[&name].places.len(), "{name}");
        }
    }
}

/// Options and defaults with bytes that are no UTF-8, in every place where `buf` takes them and a descriptor is readable.
const BYTES: &str = r#"syntax = "proto2";
package raw.v1;
import "google/protobuf/any.proto";
import "google/protobuf/descriptor.proto";
message O {
  optional string s = 1;
  repeated string r = 2;
  optional bytes b = 3;
  map<string, string> m = 4;
  optional google.protobuf.Any a = 5;
}
extend google.protobuf.MessageOptions {
  optional string os = 50000;
  repeated string rs = 50001;
  optional bytes ob = 50002;
  optional O o = 50003;
  optional group G = 50004 { optional string s = 1; }
}
extend google.protobuf.FieldOptions { optional string fs = 50000; }
message M {
  option (os) = "\xff" "\377a";
  option (rs) = "\xed\xa0\x80";
  option (rs) = "\xc3" "\xa9";
  option (ob) = "\xfe\0";
  option (o) = {
    s: "\xff"
    r: ["a", "\xfd"]
    b: "\xfc"
    m: { key: "\xfb" value: "\xfa" }
    a: { [type.googleapis.com/raw.v1.O] { s: "\xf9" } }
  };
  option (g).s = "\xf8";
  optional bytes b = 1 [default = "\xff\x01\n\"\\"];
  optional string s = 2 [(fs) = "\xf7", default = "\xc3\xa9"];
}
"#;

/// A plugin of every generator of messages.
const MESSAGES: &str = "community/neoeinstein-prost,anthropics/buffa,local/prost-serde";

#[test]
fn bytes_that_are_no_utf8_are_those_of_buf_and_crates_are_made() {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", MESSAGES));
    let buf = Buf::new(&registry).acme().module("acme/raw", &[]);
    buf.write("raw/a.proto", BYTES);
    buf.push("raw");
    buf.run(["build", "raw", "-o", "image.binpb"]).ok();
    let expected = without_well_known(files(&std::fs::read(buf.path("image.binpb")).unwrap()));
    let found = without_well_known(files(&registry.get("/acme/raw/descriptor/main").ok().body));
    assert_eq!(found["a.proto"].fields, expected["a.proto"].fields);
    registry.cli(["sdk", "status", "acme/raw", "--wait"]).ok();
    let sdks = registry.cli(["sdk", "list", "acme/raw", "--json"]).ok().json();
    let states: Vec<_> = sdks.as_array().unwrap().iter().map(|sdk| &sdk["state"]).collect();
    assert_eq!(states, ["served"; 3], "{sdks}");
}
