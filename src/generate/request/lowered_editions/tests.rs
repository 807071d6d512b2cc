//! Lowered fields, for each feature and each place where it can be set.

use bytes::Bytes;
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{FieldDescriptorProto, FileDescriptorProto};

use super::*;
use crate::generate::Catalogue;
use crate::model::testing::{module, set};
use crate::model::wire_format::{Splice, SpliceKind, splice};
use features::{MessageEncoding, Presence, RepeatedEncoding};

const EXPLICIT: Features = presence(Presence::Explicit);
const IMPLICIT: Features = presence(Presence::Implicit);
const REQUIRED: Features = presence(Presence::LegacyRequired);
const NONE: Features = Features { field_presence: None, repeated_field_encoding: None, message_encoding: None };
const PACKED: Features = Features { repeated_field_encoding: Some(RepeatedEncoding::Packed as i32), ..NONE };
const EXPANDED: Features = Features { repeated_field_encoding: Some(RepeatedEncoding::Expanded as i32), ..NONE };
const DELIMITED: Features = Features { message_encoding: Some(MessageEncoding::Delimited as i32), ..NONE };
const PREFIXED: Features = Features { message_encoding: Some(MessageEncoding::LengthPrefixed as i32), ..NONE };

const fn presence(presence: Presence) -> Features {
    Features { field_presence: Some(presence as i32), ..NONE }
}

fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![];
    encode_key(number, WireType::LengthDelimited, &mut encoded);
    encode_varint(content.len() as u64, &mut encoded);
    encoded.extend_from_slice(content);
    encoded
}

/// The options of the element at `path` with these features.
fn options(path: &[i32], features: Features) -> Splice {
    let (options, tag) = match path.iter().rev().nth(1) {
        None => (8, 50),
        Some(3 | 4) => (7, 12),
        Some(2) => (8, 21),
        Some(_) => (2, 1),
    };
    let bytes = field(options, &field(tag, &features.encode_to_vec()));
    Splice { path: path.to_vec(), bytes, kind: SpliceKind::Appended }
}

/// `source`, which is written as proto3, with an edition and with features at these paths.
fn of_edition(source: &str, edition: u8, features: &[(&[i32], Features)]) -> DescriptorSet {
    let mut descriptors = set(&[("acme/app", "a.proto", source)]);
    let file = descriptors.files.last_mut().unwrap();
    let splices: Vec<_> = features.iter().map(|(path, features)| options(path, *features)).collect();
    let mut encoded = splice(&file.encoded, &splices).unwrap();
    encoded.extend(field(12, EDITIONS.as_bytes()));
    // 1000 and on.
    encoded.extend([14 << 3, 0xe8 + edition, 7]);
    file.proto = Arc::new(FileDescriptorProto::decode(&encoded[..]).unwrap());
    file.encoded = encoded.into();
    descriptors
}

fn lowered(descriptors: &DescriptorSet) -> Result<Lowered<'_>, GenerateError> {
    lower(ExternPathStyle::Messages, descriptors, &module("acme/app"))
}

/// The fields of the first message and of the messages in it, in their order.
fn fields_of(source: &str, features: &[(&[i32], Features)]) -> Vec<FieldDescriptorProto> {
    let descriptors = of_edition(source, 0, features);
    let lowered = lowered(&descriptors).unwrap();
    let file = lowered.descriptors.files.last().unwrap();
    let encoded = FileDescriptorProto::decode(&file.encoded[..]).unwrap();
    assert_eq!(encoded.message_type, file.proto.message_type);
    assert_eq!(encoded.syntax(), "proto3");
    let message = &file.proto.message_type[0];
    let nested = message.nested_type.iter().flat_map(|nested| &nested.field);
    message.field.iter().chain(nested).cloned().collect()
}

/// What a field is called in words: its label, whether it is optional, its type if that is a message, its packing.
fn words(field: &FieldDescriptorProto) -> String {
    let label = match field.label() {
        Label::Optional if field.proto3_optional() => "optional",
        Label::Optional => "plain",
        Label::Required => "required",
        Label::Repeated => "repeated",
    };
    let kind = match field.r#type() {
        Type::Group => " group",
        Type::Message => " message",
        _ => "",
    };
    let packed = match field.options.as_ref().and_then(|options| options.packed) {
        Some(true) => " packed",
        Some(false) => " expanded",
        None => "",
    };
    format!("{label}{kind}{packed}")
}

fn all_words(source: &str, features: &[(&[i32], Features)]) -> Vec<String> {
    fields_of(source, features).iter().map(words).collect()
}

#[test]
fn presence_is_that_of_the_field_and_of_what_is_around_it() {
    let source = "message M { int32 a = 1; E b = 2; M c = 3; message N { string a = 1; bytes b = 2; } }
        enum E { E_0 = 0; }";
    let all = |features: &[(&[i32], Features)]| all_words(source, features);
    let plain = "optional message";
    assert_eq!(all(&[]), ["optional", "optional", plain, "optional", "optional"]);
    assert_eq!(all(&[(&[], IMPLICIT)]), ["plain", "plain", plain, "plain", "plain"]);
    assert_eq!(all(&[(&[4, 0, 2, 0], IMPLICIT)]), ["plain", "optional", plain, "optional", "optional"]);
    assert_eq!(
        all(&[(&[], IMPLICIT), (&[4, 0, 2, 1], EXPLICIT), (&[4, 0, 3, 0, 2, 1], REQUIRED)]),
        ["plain", "optional", plain, "plain", "required"]
    );
    assert_eq!(
        all(&[(&[4, 0, 2, 0], REQUIRED), (&[4, 0, 2, 1], REQUIRED), (&[4, 0, 2, 2], REQUIRED)]),
        ["required", "required", "required message", "optional", "optional"]
    );
}

#[test]
fn repeated_fields_say_how_they_are_encoded() {
    let source = "message M { repeated int32 a = 1; repeated E b = 2 [deprecated = true]; repeated string c = 3;
        repeated M d = 4; message N { repeated double a = 1; } } enum E { E_0 = 0; }";
    let all = |features: &[(&[i32], Features)]| all_words(source, features);
    let (packed, expanded) = ("repeated packed", "repeated expanded");
    let rest = ["repeated", "repeated message"];
    assert_eq!(all(&[]), [packed, packed, rest[0], rest[1], packed]);
    assert_eq!(all(&[(&[], EXPANDED)]), [expanded, expanded, rest[0], rest[1], expanded]);
    assert_eq!(all(&[(&[4, 0, 3, 0], EXPANDED)]), [packed, packed, rest[0], rest[1], expanded]);
    let both: [(&[i32], Features); 2] = [(&[4, 0], EXPANDED), (&[4, 0, 2, 1], PACKED)];
    assert_eq!(all(&both), [expanded, packed, rest[0], rest[1], expanded]);
    let deprecated = &fields_of(source, &[])[1];
    assert!(deprecated.options.as_ref().unwrap().deprecated(), "other options stay");
}

#[test]
fn delimited_messages_are_groups_but_for_maps() {
    let source = "message M { M a = 1; repeated M b = 2; map<int32, M> c = 3; oneof o { M d = 4; string e = 5; } }";
    let all = |features: &[(&[i32], Features)]| all_words(source, features);
    // The last two are key and value of the map.
    let map = ["repeated message", "plain message", "plain", "plain", "plain message"];
    assert_eq!(all(&[])[..2], ["optional message", "repeated message"]);
    assert_eq!(all(&[])[2..], map);
    assert_eq!(all(&[(&[], DELIMITED)])[..2], ["optional group", "repeated group"]);
    assert_eq!(all(&[(&[], DELIMITED)])[2..], [map[0], "plain group", map[2], map[3], map[4]]);
    assert_eq!(all(&[(&[], DELIMITED), (&[4, 0, 2, 0], PREFIXED)])[..2], ["optional message", "repeated group"]);
    assert_eq!(all(&[(&[4, 0, 2, 1], DELIMITED)])[..2], ["optional message", "repeated group"]);
}

#[test]
fn members_of_a_oneof_take_its_features_and_have_no_presence_of_their_own() {
    let source = "message M { oneof n { int32 a = 1; } oneof o { M b = 2; M c = 3; } M d = 4; }";
    let words = all_words(source, &[(&[4, 0, 2, 2], PREFIXED), (&[4, 0, 8, 1], DELIMITED)]);
    assert_eq!(words, ["plain", "plain group", "plain message", "optional message"]);
}

#[test]
fn files_without_an_edition_stay_as_they_are() {
    let descriptors = set(&[("acme/app", "a.proto", "message M { optional int32 a = 1; }")]);
    assert!(matches!(lowered(&descriptors).unwrap().descriptors, Cow::Borrowed(_)));
    let with_edition = of_edition("message M { M a = 1; }", 2, &[]);
    let buffa = lower(ExternPathStyle::BuffaMessages, &with_edition, &module("acme/app")).unwrap();
    assert!(matches!(buffa.descriptors, Cow::Borrowed(_)), "buffa knows editions");
}

#[test]
fn the_comments_stay() {
    let descriptors = of_edition("// Words.\nmessage M { int32 a = 1; }", 1, &[]);
    let before = descriptors.files[0].source_info();
    assert_eq!(lowered(&descriptors).unwrap().descriptors.files[0].source_info(), before);
    assert!(before.location.iter().any(|place| place.leading_comments() == " Words.\n"));
}

#[test]
fn an_edition_with_unknown_defaults_is_refused() {
    let error = lowered(&of_edition("message M {}", 3, &[])).unwrap_err();
    assert!(error.to_string().starts_with("file a.proto uses an edition that this plugin does not know"), "{error}");
    let mut broken = of_edition("message M {}", 0, &[]);
    broken.files[0].encoded = Bytes::from_static(&[0x22, 9]);
    assert!(matches!(lowered(&broken), Err(GenerateError::Descriptor { .. })));
}

#[test]
fn a_circle_of_groups_gets_a_box_or_is_refused() {
    let plugin = |version: &str| {
        let reference = format!("community/neoeinstein-prost:{version}").parse().unwrap();
        Catalogue::embedded().unwrap().find(&reference).unwrap().clone()
    };
    let options = |source: &str, version| {
        let descriptors = of_edition(source, 0, &[(&[], DELIMITED)]);
        lowered(&descriptors).unwrap().options(&plugin(version)).map_err(|error| error.to_string())
    };
    let circle =
        "package p; message A { B b = 1; C c = 2; } message B { oneof o { A a = 1; } A other = 2; } message C {}";
    assert_eq!(options(circle, "v0.5.0").unwrap(), ["boxed=.p.A.b", "boxed=.p.B.o.a", "boxed=.p.B.other"]);
    assert_eq!(
        options(circle, "v0.4.0").unwrap_err(),
        "file a.proto: field b of message p.A is delimited and leads back to its own message, for which this version of \
         prost has no box; take features.message_encoding = DELIMITED away, or use a newer version, or \
         anthropics/buffa, which knows editions"
    );
    let none: [String; 0] = [];
    for fine in ["message A { A a = 1; }", "message A { repeated B b = 1; } message B { A a = 1; }"] {
        assert_eq!(options(fine, "v0.3.1").unwrap(), none, "{fine}");
    }
}
