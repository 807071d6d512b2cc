//! Options as `buf` 1.75 interprets them: values and their encoding, places, and what is refused where.

use crate::compile::testing::{compile_files, refusal};

const TYPES: &str = "syntax = \"proto2\"; package p; import \"google/protobuf/descriptor.proto\";
import \"google/protobuf/any.proto\";
message N {
  optional string s = 1; repeated int32 i = 2; optional N n = 3; repeated N r = 4;
  optional group Grp = 5 { optional int32 x = 1; } repeated group Rg = 6 { optional int32 x = 1; }
  optional E e = 7; repeated E es = 8; map<string, int32> m = 9; oneof o { int32 o1 = 10; string o2 = 11; N o3 = 12; }
  optional double d = 13; optional float f = 14; optional uint32 u = 15; optional bytes b = 16; optional bool bo = 17;
  optional google.protobuf.Any any = 18; optional Req req = 19; optional int64 l = 20; optional uint64 ul = 21;
  optional sint32 si = 22; optional fixed64 fx = 23; map<int32, N> mm = 24; repeated string rs = 25;
  repeated int32 pk = 27 [packed = true]; map<bool, E> me = 28; extensions 100 to 200;
}
message Req { required int32 q = 1; optional int32 w = 2; }
enum E { A = 0; B = 1; C = -1; }
extend N {
  optional int32 x = 100; repeated int32 xs = 101; optional N xn = 102; optional group Xg = 103 { optional int32 y = 1; }
}
message Outer { extend N { optional int32 ox = 110; } }
extend google.protobuf.MessageOptions {
  optional N o = 50000; repeated N rep = 50001; optional int32 oi = 50002; repeated int32 ri = 50003;
  optional E oe = 50004; optional string os = 50005; optional bytes ob = 50006; optional double od = 50007;
  optional float of = 50008; optional uint64 ou = 50009; optional bool obo = 50010; optional Req oreq = 50011;
  optional group OGr = 50012 { optional int32 z = 1; } optional int64 ol = 50015;
  optional google.protobuf.Any oany = 50017;
}
extend google.protobuf.FieldOptions { optional N other = 50000; }
message M {
";

/// The lines of [`TYPES`].
const LINES: usize = 27;

fn source(options: &str) -> String {
    format!("{TYPES}{options}\n}}")
}

/// The options message of `M`, in hexadecimal digits.
fn encoded(source: &str) -> String {
    let compiled = compile_files(&[("a.proto", source)]).unwrap_or_else(|e| panic!("{e}"));
    let file = compiled.descriptors.file("a.proto").unwrap();
    let mut found = String::new();
    for field in crate::model::wire_format::Fields(&file.encoded).map(Result::unwrap).filter(|field| field.number == 4)
    {
        if crate::model::wire_format::name(field.content).unwrap() == b"M" {
            let options = crate::model::wire_format::Fields(field.content).map(Result::unwrap);
            let options = options.filter(|field| field.number == 7).flat_map(|field| field.content.to_vec());
            found = options.map(|byte| format!("{byte:02x}")).collect();
        }
    }
    found
}

#[track_caller]
fn means(cases: &[(&str, &str)]) {
    for (options, expected) in cases {
        assert_eq!(encoded(&source(options)), *expected, "{options}");
    }
}

/// Checks where each of the options is refused, as column of its line, and with words that hold those given.
#[track_caller]
fn refused(cases: &[(&str, usize, &str)]) {
    for (options, column, expected) in cases {
        let text = refusal(&[("a.proto", &source(options))]);
        let place = format!("a.proto:{LINES}:{column}: ");
        assert!(text.starts_with(&place), "{options}\ngave: {text}\ninstead of: {place}");
        assert!(text.contains(expected), "{options}\ngave: {text}\nwithout: {expected}");
    }
}

#[test]
fn scalars_are_encoded_by_their_type() {
    means(&[
        ("option (os) = \"a\" 'b';", "aab518026162"),
        ("option (os) = \"\\xff\";", "aab51801ff"),
        ("option (ob) = \"\\xff\";", "b2b51801ff"),
        ("option (oi) = - 1;", "90b518ffffffffffffffffff01"),
        ("option (oi) = -0x80000000;", "90b51880808080f8ffffffff01"),
        ("option (ol) = -9223372036854775808;", "f8b51880808080808080808001"),
        ("option (ou) = 1e19;", "c8b5188080a0cfc8e0c8e38a01"),
        ("option (od) = 18446744073709551616;", "b9b518000000000000f043"),
        ("option (od) = 1e400;", "b9b518000000000000f07f"),
        ("option (od) = -nan;", "b9b518000000000000f8ff"),
        ("option (of) = 16777217;", "c5b5180000804b"),
        ("option (oe) = -1;", "a0b518ffffffffffffffffff01"),
        ("option (oe) = 99;", "a0b51863"),
        ("option (obo) = false;", "d0b51800"),
        ("option (o) = { si: -2 fx: 1 };", "82b5180db00103b9010100000000000000"),
        ("option (o) = { bo: t };", "82b51803880101"),
        ("option (o) = { d: -0 };", "82b51809690000000000000080"),
        ("option (o) = { d: -Infinity };", "82b5180969000000000000f0ff"),
        ("option (o) = { f: NaN };", "82b51805750000c07f"),
        ("option (o) = { d: 010 };", "82b51809690000000000002040"),
        ("option (o) = { e: 77 };", "82b51802384d"),
        ("option (o) = { i: 1e2 };", "82b518021064"),
        ("option (o) = { i: 0 u: 0 s: \"\" };", "82b518060a0010007800"),
    ]);
}

#[test]
fn extensions_come_first_and_members_of_oneofs_last() {
    means(&[
        ("option (o) = { [x]: 1 s: \"a\" o1: 1 b: \"q\" };", "82b5180ca006010a0161820101715001"),
        ("option deprecated = true; option (oi) = 1;", "90b518011801"),
        ("option (o) = { o2: \"z\" s: \"a\" };", "82b518060a01615a017a"),
    ]);
}

#[test]
fn lists_maps_and_messages_in_literals() {
    means(&[
        ("option (o) = { i: 1 i: 2, i: 3; i: [4, 5] };", "82b5180a10011002100310041005"),
        ("option (o) = { pk: 1 pk: 2 };", "82b51805da01020102"),
        ("option (o) = { r [{ s: \"a\" }, <>] };", "82b5180722030a01612200"),
        ("option (o) = { i: [] r [] };", "82b51800"),
        ("option (o) = { n { s: \"b\" } n { i: 1 } };", "82b518071a050a01621001"),
        ("option (o) = { n { s: \"b\" } n { s: \"c\" } };", "82b518051a030a0163"),
        ("option (o) = { grp { x: 1 } };", "82b518042b08012c"),
        ("option (o) = { m: [{ key: \"b\" value: 1 }, { key: \"a\" }] };", "82b5180e4a050a016110004a050a01621001"),
        ("option (o) = { m { key: \"a\" value: 1 } m { key: \"a\" value: 2 } };", "82b518074a050a01611002"),
        ("option (o) = { mm { key: 3 } mm { key: -5 } };", "82b51817c2010d08fbffffffffffffffff011200c2010408031200"),
        ("option (o) = { me { value: B } };", "82b51807e2010408001001"),
        ("option (o) = { rs: \"a\" \"b\" rs: ['c'] };", "82b51809ca01026162ca010163"),
    ]);
}

#[test]
fn extensions_in_literals_are_named_as_the_element_sees_them() {
    means(&[
        ("option (o) = { [x]: 1 };", "82b51803a00601"),
        ("option (o) = { [ p . x ]: 1 };", "82b51803a00601"),
        ("option (o) = { [Outer.ox]: 1 };", "82b51803f00601"),
        ("option (o) = { [xs]: 5 [xs]: [6] };", "82b51806a80605a80606"),
        ("option (o) = { [xn] { s: \"a\" } };", "82b51806b206030a0161"),
        ("option (o) = { [xg] { y: 1 } };", "82b51806bb060801bc06"),
    ]);
    refused(&[
        ("option (o) = { [nope]: 1 };", 16, "name 'nope' is not defined"),
        ("option (o) = { [.p.x]: 1 };", 16, "does not begin with a dot"),
        ("option (o) = { [Xg] { y: 1 } };", 16, "'p.Xg' is not an extension"),
        ("option (o) = { x: 1 };", 16, "field 'x' not found"),
        ("option (o) = { [p.N.s]: \"a\" };", 16, "not defined"),
        ("option (o) = { Grp { x: 1 } };", 16, "field 'Grp' not found"),
    ]);
}

#[test]
fn names_lead_through_messages() {
    means(&[
        ("option (o).s = \"a\"; option (o).i = 1; option (o).i = 2;", "82b518070a016110011002"),
        ("option (o) = { s: \"a\" }; option (o).i = 1;", "82b518050a01611001"),
        ("option (o).n = { i: 1 }; option (o).n.s = \"a\";", "82b518071a050a01611001"),
        ("option (o).o3.s = \"a\"; option (o).o3.i = 1;", "82b5180762050a01611001"),
        ("option (o).grp.x = 1;", "82b518042b08012c"),
        ("option (ogr).z = 1;", "e3b5180801e4b518"),
        ("option (o).(.p.x) = 1;", "82b51803a00601"),
        ("option (.p.o).(xn).s = \"a\";", "82b51806b206030a0161"),
        ("option (rep) = {}; option (rep) = { s: \"a\" };", "8ab518008ab518030a0161"),
        ("option (o).(p.N.s) = \"a\";", "82b518030a0161"),
        ("option (google.protobuf.MessageOptions.deprecated) = true;", "1801"),
    ]);
    refused(&[
        ("option nope = 1;", 8, "option field 'nope' is not defined"),
        ("option (nope) = 1;", 9, "name 'nope' is not defined"),
        ("option (N) = 1;", 9, "'p.N' is not an extension"),
        (
            "option (x) = 1;",
            8,
            "expected an extension to type 'google.protobuf.MessageOptions', but 'p.x' extends 'p.N'",
        ),
        ("option (o).nope = 1;", 11, "option field '(o).nope' is not defined"),
        ("option (oi).x = 1;", 13, "cannot set field for option '(oi)' value of type 'int32'"),
        ("option (rep).s = \"a\";", 14, "cannot set field for option '(rep)' value of type 'repeated p.N'"),
        ("option (p.N.s) = \"a\";", 8, "but 'p.N.s' is a field of 'p.N'"),
    ]);
}

#[test]
fn nothing_is_set_twice() {
    refused(&[
        ("option deprecated = true; option deprecated = true;", 34, "option field 'deprecated' has already been set"),
        ("option (o) = {}; option (o) = {};", 25, "option field '(o)' has already been set"),
        ("option (o).s = \"a\"; option (o).s = \"b\";", 28, "option field '(o).s' has already been set"),
        ("option (o).n.s = \"a\"; option (o).n = { i: 1 };", 30, "option field '(o).n' has already been set"),
        ("option (o).o1 = 1; option (o).o2 = \"a\";", 27, "oneof 'p.N.o' has already been set"),
        ("option (o).o1 = 1; option (o).o3.i = 1;", 27, "oneof 'p.N.o' has already been set"),
        ("option (o) = { s: \"a\" s: \"b\" };", 23, "field 's' of message 'p.N' is set twice"),
        ("option (o) = { o1: 1 o2: \"a\" };", 22, "oneof 'p.N.o' is set twice"),
        ("option (o) = { m { key: \"a\" key: \"b\" } };", 29, "field 'key' of message 'p.N.MEntry' is set twice"),
    ]);
}

#[test]
fn values_of_other_types_are_pointed_at() {
    refused(&[
        ("option deprecated = 1;", 21, "expected a value of type 'bool' for 'deprecated', but found '1'"),
        ("option (obo) = True;", 16, "expected a value of type 'bool' for 'obo', but found 'True'"),
        ("option (od) = Inf;", 15, "expected a value of type 'double'"),
        ("option (od) = -0x10;", 16, "not written in hexadecimal"),
        ("option (ou) = -0;", 15, "out of the range of uint64"),
        ("option (oi) = 1.0;", 15, "expected a value of type 'int32' for 'oi', but found '1.0'"),
        ("option (oi) = 4294967296;", 15, "out of the range of int32"),
        ("option (ou) = 1e20;", 15, "out of the range of uint64"),
        ("option (oe) = NOPE;", 15, "expected a value of type 'p.E' for 'oe', but found 'NOPE'"),
        ("option (oe) = \"A\";", 15, "expected a value of type 'p.E'"),
        ("option (o) = 1;", 14, "expected a value of type 'p.N' for 'o', but found '1'"),
        ("option (os) = {};", 15, "expected a value of type 'string' for 'os', but found '{"),
        ("option (o) = { u: -1 };", 19, "out of the range of uint32"),
        ("option (o) = { bo: 1 };", 20, "expected a value of type 'bool'"),
        ("option (o) = { n: [{}] };", 19, "expected a value of type 'p.N'"),
        ("option (o) = { s: [\"a\"] };", 19, "expected a value of type 'string'"),
        ("option (o) = { n: 1 };", 19, "expected a value of type 'p.N' for 'n', but found '1"),
        ("option (o) = { e: NOPE };", 19, "expected a value of type 'p.E'"),
        ("option (o) = { nope: 1 };", 16, "field 'nope' not found in message 'p.N'"),
    ]);
}

#[test]
fn required_fields_have_to_be_set() {
    means(&[
        ("option (oreq).w = 1; option (oreq).q = 1;", "dab5180408011001"),
        ("option (o) = { req { q: 1 } };", "82b518059a01020801"),
    ]);
    let missing = "the options leave the required field 'p.Req.q' unset";
    refused(&[
        ("option (oreq) = {};", 1, missing),
        ("option (oreq).w = 1;", 1, missing),
        ("option (o) = { req {} };", 1, missing),
    ]);
}

#[test]
fn an_any_is_written_as_what_it_holds() {
    means(&[
        (
            "option (oany) = { [type.googleapis.com/p.N] { d: 1 s: \"a\" i: 1 } };",
            "8ab618290a17747970652e676f6f676c65617069732e636f6d2f702e4e120e69000000000000f03f0a01611001",
        ),
        (
            "option (oany) = { [type.googleprod.com/p.Req]: < > };",
            "8ab6181b0a19747970652e676f6f676c6570726f642e636f6d2f702e526571",
        ),
        (
            "option (oany) = { [type.googleapis.com/p.N] { i: 1 m { key: \"b\" } m { key: \"a\" } i: 2 } };",
            "8ab618290a17747970652e676f6f676c65617069732e636f6d2f702e4e120e120201024a030a01624a030a0161",
        ),
        ("option (o) = { any { type_url: \"x\" value: \"y\" } };", "82b518099201060a0178120179"),
    ]);
    refused(&[
        ("option (oany) = { [foo.com/p.N] {} };", 20, "the type of an Any stands behind type.googleapis.com or"),
        (
            "option (oany) = { [type.googleapis.com/N] {} };",
            40,
            "name '.N' is not defined; here types have their full names",
        ),
        ("option (oany) = { [type.googleapis.com/p.E] {} };", 40, "'p.E' is not a message type"),
        ("option (oany) = { [type.googleapis.com/p.N]: 5 };", 46, "expected a message of type 'p.N'"),
        ("option (oany) = { [type.googleapis.com/p.N] {} type_url: \"x\" };", 48, "holds nothing else"),
        ("option (o) = { n { [type.googleapis.com/p.N] {} } };", 20, "message 'p.N' is no google.protobuf.Any"),
    ]);
}

#[test]
fn only_what_a_file_imports_can_be_named_in_a_literal() {
    let source = "import \"b.proto\"; import \"n.proto\"; import \"google/protobuf/descriptor.proto\";
        extend google.protobuf.MessageOptions { optional n.N o = 50000; } message M { option (o) = { [c.x]: 1 }; }";
    let files = |import: &str| {
        let base = "package n; message N { extensions 100 to 200; }";
        let other = "package c; import \"n.proto\"; extend n.N { optional int32 x = 100; }";
        let between = format!("package b; import {import} \"c.proto\";");
        refusal(&[("a.proto", source), ("b.proto", &between), ("c.proto", other), ("n.proto", base)])
    };
    assert!(files("").contains("'c.x' is defined in 'c.proto', which is not imported by 'a.proto'"), "{}", files(""));
    assert_eq!(files("public"), "");
}

#[test]
fn texts_are_utf8_where_the_type_says_so() {
    let option = |syntax: &str| {
        let field = "string s = 50000;";
        let label = if syntax.contains("proto2") { "optional " } else { "" };
        let source = format!(
            "{syntax} import \"google/protobuf/descriptor.proto\";
             extend google.protobuf.MessageOptions {{ {label}{field} }} message M {{ option (s) = \"\\xff\"; }}"
        );
        refusal(&[("a.proto", &source)])
    };
    assert_eq!(option("syntax = \"proto2\";"), "");
    assert_eq!(option("edition = \"2023\"; option features.utf8_validation = NONE;"), "");
    assert!(option("syntax = \"proto3\";").contains("it is not valid UTF-8"));
    assert!(option("edition = \"2023\";").contains("it is not valid UTF-8"));
    assert_eq!(refusal(&[("a.proto", "option java_package = \"\\xff\";")]), "");
}

#[test]
fn features_decide_how_values_are_encoded() {
    let source = "edition = \"2023\"; import \"google/protobuf/descriptor.proto\";
        message N {
          repeated int32 r = 2; repeated int32 e = 3 [features.repeated_field_encoding = EXPANDED];
          N d = 4 [features.message_encoding = DELIMITED]; int32 q = 5 [features.field_presence = LEGACY_REQUIRED];
        }
        extend google.protobuf.MessageOptions { N o = 50000; repeated int32 pk = 50002; }
        message M { option (o) = { q: 1 r: [1, 2] e: [1, 2] d { q: 2 } }; option (pk) = 1; option (pk) = 2; }";
    assert_eq!(encoded(source), "82b5180e120201021801180222022802280192b518020102");
    let text = refusal(&[("a.proto", &source.replace("{ q: 2 }", "{}"))]);
    assert!(text.contains("the required field 'N.q' unset"), "{text}");
    let proto3 = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";
        message N { int32 i = 1; repeated int32 r = 2; repeated int32 x = 4 [packed = false]; }
        extend google.protobuf.MessageOptions { N o = 50000; repeated int32 rx = 50003 [packed = false]; }
        message M { option (o) = { i: 0 r: [1, 2] x: [1, 2] }; option (rx) = 1; option (rx) = 2; }";
    assert_eq!(encoded(proto3), "82b51808120201022001200298b5180198b51802");
}

#[test]
fn options_are_set_where_their_targets_say() {
    let at = |targets: &str, option: &str| {
        let source = format!(
            "import \"google/protobuf/descriptor.proto\"; message N {{ optional int32 i = 1 [{targets}]; optional N n = 2; }}
             extend google.protobuf.MessageOptions {{ optional N o = 50000; optional int32 p = 50001 [{targets}]; }}
             message M {{ {option} }}"
        );
        refusal(&[("a.proto", &source)])
    };
    let others = "targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE";
    for option in ["option (p) = 1;", "option (o).i = 1;", "option (o) = { n { i: 1 } };"] {
        assert!(at(others, option).contains("cannot be set on a message"), "{}", at(others, option));
        assert_eq!(at("targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_MESSAGE", option), "");
    }
}

#[test]
fn options_are_used_in_the_editions_that_have_them() {
    let in_2023 = |support: &str| {
        let source = format!(
            "edition = \"2023\"; import \"google/protobuf/descriptor.proto\";
             enum E {{ A = 0; B = 1 [feature_support = {{ {support} }}]; }} message N {{ int32 i = 1; E e = 2; }}
             extend google.protobuf.MessageOptions {{ N o = 50000; int32 p = 50001 [feature_support = {{ {support} }}]; }}"
        );
        let used = |option: &str| refusal(&[("a.proto", &format!("{source} message M {{ {option} }}"))]);
        [used("option (p) = 1;"), used("option (o) = { e: B };")]
    };
    for text in in_2023("edition_introduced: EDITION_2024") {
        assert!(text.contains("is not there before edition 2024"), "{text}");
    }
    for text in in_2023("edition_introduced: EDITION_PROTO2 edition_removed: EDITION_2023 removal_error: \"why\"") {
        assert!(text.contains("is gone since edition 2023: why"), "{text}");
    }
    for text in in_2023("edition_deprecated: EDITION_2023") {
        assert!(text.contains("edition_deprecated needs a deprecation_warning"), "{text}");
    }
    for text in in_2023(
        "edition_deprecated: EDITION_2023 deprecation_warning: \"w\" edition_removed: EDITION_2024 removal_error: \"r\"",
    ) {
        assert_eq!(text, "");
    }
}

#[test]
fn what_a_literal_sets_has_places() {
    let source = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
        message N { optional string s = 1; repeated int32 i = 2; optional N n = 3; repeated N r = 4; extensions 9; }
        extend N { optional int32 e = 9; }
        extend google.protobuf.MessageOptions { optional N o = 50000; repeated N many = 50001; }
message M { option (o) = {
  s: 'a' \"b\" n < n { i: 1 } >
  i: [1, 2] i: -3, r: [{ s: \"x\" }, {}]; [e]: 5
}; option (many) = { s: \"c\" }; }";
    let compiled = compile_files(&[("a.proto", source)]).unwrap();
    let info = compiled.descriptors.file("a.proto").unwrap().source_info();
    let inside = info.location.iter().filter_map(|location| {
        let path = location.path.strip_prefix(&[4, 1, 7])?;
        (!path.is_empty()).then(|| (path.to_vec(), location.span.clone()))
    });
    let expected = [
        (vec![50000], vec![4, 19, 7, 1]),
        (vec![50000, 1], vec![5, 2, 12]),
        (vec![50000, 3, 3, 2, 0], vec![5, 21, 25]),
        (vec![50000, 2, 0], vec![6, 2, 11]),
        (vec![50000, 2, 1], vec![6, 12, 17]),
        (vec![50000, 4, 0], vec![6, 19, 38]),
        (vec![50000, 9], vec![6, 40, 46]),
        (vec![50001, 0], vec![7, 3, 30]),
    ];
    assert_eq!(inside.collect::<Vec<_>>(), expected);
}

#[test]
fn options_are_placed_at_what_they_set() {
    let source = "syntax = \"proto2\"; package a.b; import \"google/protobuf/descriptor.proto\";
        message Note { optional string text = 1; repeated int32 list = 2; }
        extend google.protobuf.MessageOptions { optional Note note = 50000; repeated string tag = 50001; }
        message M {
          option deprecated = true;
          option (note).text = \"x\";
          option (b.note).list = 1;
          option (.a.b.note).list = 2;
          option (tag) = \"first\";
          option (tag) = \"second\";
        }";
    let compiled = compile_files(&[("a.proto", source)]).unwrap();
    let info = compiled.descriptors.file("a.proto").unwrap().source_info();
    let paths: Vec<&[i32]> = info.location.iter().map(|location| &location.path[..]).collect();
    for set in [&[3][..], &[50000, 1], &[50000, 2, 0], &[50000, 2, 1], &[50001, 0], &[50001, 1]] {
        assert!(paths.contains(&&[&[4, 1, 7], set].concat()[..]), "{set:?} is not in {paths:?}");
    }
    assert!(!paths.iter().any(|path| path.contains(&super::interpret_element::UNINTERPRETED)));
}

#[test]
fn options_of_fields_are_pointed_at() {
    for (option, expected) in [
        ("nothing = 1", "1:35: option field 'nothing' is not defined"),
        ("deprecated = 1", "1:48: expected a value of type 'bool'"),
        ("deprecated = true, deprecated = true", "1:54: option field 'deprecated' has already been set"),
    ] {
        let text = refusal(&[("a.proto", &format!("message M {{ optional int32 a = 1 [{option}]; }}"))]);
        assert!(text.starts_with(&format!("a.proto:{expected}")), "{text}");
    }
}
