//! Verdicts on changes, from sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;

use super::*;
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin};

fn descriptors(body: &str) -> DescriptorSet {
    let text = format!("syntax = \"proto3\";\npackage a.v1;\n{body}\n");
    let proto = Arc::new(protox_parse::parse("a.proto", &text).unwrap());
    let origin = FileOrigin::Module("acme/pets".parse().unwrap());
    let encoded = Bytes::from(proto.encode_to_vec());
    DescriptorSet { files: vec![DescriptorFile { origin, encoded, proto }] }
}

fn found(old: &str, new: &str) -> Vec<Change> {
    let (old, new, module) = (descriptors(old), descriptors(new), "acme/pets".parse().unwrap());
    let version = |descriptors| Version { descriptors, module: &module };
    changes(version(&old), version(&new))
}

/// The changes as `name: what` with the verdicts for wire and Rust.
fn between(old: &str, new: &str) -> BTreeMap<String, (Verdict, Verdict)> {
    let change = |change: Change| (format!("{}: {}", change.name, change.what), (change.wire, change.rust));
    found(old, new).into_iter().map(change).collect()
}

fn only(old: &str, new: &str) -> (String, Verdict, Verdict) {
    let found = between(old, new);
    assert_eq!(found.len(), 1, "{found:?}");
    let (what, (wire, rust)) = found.into_iter().next().unwrap();
    (what, wire, rust)
}

#[test]
fn nothing_changed_is_no_change() {
    let text =
        "message M { string a = 1; map<string, int32> m = 2; } enum E { E_A = 0; } service S { rpc R(M) returns (M); }";
    assert!(between(text, text).is_empty());
}

#[test]
fn fields_come_and_go() {
    let one = "message M { string a = 1; }";
    let found = only(one, "message M { string a = 1; string b = 2; }");
    assert_eq!(found, ("a.v1.M.b: field added".into(), Fine, Care));
    assert_eq!(only("message M { string a = 1; int32 b = 2; }", one).1, Breaking);
    let reserved = only(one, "message M { reserved 1; }");
    assert_eq!(reserved, ("a.v1.M.a: field removed".into(), Fine, Breaking));
    let renumbered = only(one, "message M { string a = 2; }");
    assert_eq!(renumbered, ("a.v1.M.a: number changed from 1 to 2".into(), Breaking, Fine));
    let renamed = only(one, "message M { string z = 1; }");
    assert_eq!(renamed, ("a.v1.M.a: renamed to z".into(), Fine, Breaking));
}

#[test]
fn types_that_share_bytes_take_care_and_others_break() {
    let field = |kind: &str| format!("message M {{ {kind} a = 1; }}");
    assert_eq!(only(&field("int32"), &field("int64")).1, Care);
    assert_eq!(only(&field("string"), &field("bytes")).1, Care);
    assert_eq!(only(&field("int32"), &field("sint32")).1, Breaking);
    assert_eq!(only(&field("string"), &field("int32")).1, Breaking);
    assert_eq!(only(&field("map<string, int32>"), &field("map<string, bool>")).2, Breaking);
    let optional = only(&field("int32"), &field("optional int32"));
    assert_eq!(optional, ("a.v1.M.a: changed from singular to optional".into(), Fine, Breaking));
    assert_eq!(only(&field("int32"), &field("repeated int32")).1, Breaking);
}

#[test]
fn methods_are_compared_with_their_types() {
    let service = |rpcs: &str| format!("message M {{}} message N {{}} service S {{ {rpcs} }}");
    let one = service("rpc R(M) returns (M);");
    assert_eq!(only(&one, &service("")), ("a.v1.S.R: rpc removed".into(), Breaking, Breaking));
    assert_eq!(only(&service(""), &one), ("a.v1.S.R: rpc added".into(), Fine, Care));
    assert_eq!(only(&one, &service("rpc R(N) returns (M);")).1, Breaking);
    assert_eq!(only(&one, &service("rpc R(M) returns (stream M);")).0, "a.v1.S.R: streaming changed");
}

#[test]
fn values_of_enums_are_compared() {
    let values = |text: &str| format!("enum E {{ E_A = 0; {text} }}");
    assert_eq!(only(&values(""), &values("E_B = 1;")), ("a.v1.E.E_B: value added".into(), Fine, Care));
    assert_eq!(only(&values("E_B = 1;"), &values("")), ("a.v1.E.E_B: value removed".into(), Breaking, Breaking));
    assert_eq!(only(&values("E_B = 1;"), &values("E_B = 2;")), ("a.v1.E.E_B: number changed".into(), Breaking, Fine));
    assert_eq!(only(&values("E_B = 1;"), &values("E_C = 1;")), ("a.v1.E.E_B: renamed to E_C".into(), Fine, Breaking));
}

#[test]
fn the_worst_stands_first() {
    let found = found(
        "message A { string a = 1; } message Z { string z = 1; }",
        "message A { string a = 1; string b = 2; } message Z { int32 z = 1; }",
    );
    assert_eq!(found.iter().map(|change| change.name.as_str()).collect::<Vec<_>>(), ["a.v1.Z.z", "a.v1.A.b"]);
}
