use super::*;
use crate::model::testing::{module, set};

/// The declarations with another name, and how types and modules of it end.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", *path, *source)).collect();
    let twins = namesakes(Family::Prost, &set(&files), &module("acme/app")).unwrap();
    let shown = |twin: Namesake| {
        let Namesake { kind, full, type_suffix, module_suffix, .. } = twin;
        format!("{kind} {} {type_suffix} {module_suffix}", &full[1..])
    };
    twins.into_iter().map(shown).collect()
}

#[test]
fn a_message_beside_a_package_of_its_name_has_another_module() {
    let cart = ("a.proto", "package shop; message Cart { message Line {} } message Cart_2 { message Line {} }");
    let package = ("b.proto", "package shop.cart; message Line {}");
    assert_eq!(found(&[cart, package]), ["message shop.Cart  _3"]);
    assert_eq!(found(&[package, cart]), ["message shop.Cart  _3"]);
}

#[test]
fn a_message_without_inner_types_needs_no_module() {
    let cart = "package shop; message Cart { optional int32 a = 1; map<string, int32> b = 2; }";
    assert!(found(&[("a.proto", cart), ("b.proto", "package shop.cart; message X {}")]).is_empty());
    let cases = [("a.proto", "package Shop.V1; message A {}"), ("b.proto", "package shop.v1; message B {}")];
    assert!(found(&cases).is_empty());
}

#[test]
fn every_other_pair_with_one_name_is_found() {
    for (source, expected) in [
        ("package p; message FooBar {} message Foo_Bar {} message FooBar2 {}", "message p.Foo_Bar 3 _3"),
        (
            "package p; message A { message Kind {} message KindOneOf {} oneof kind { int32 x = 1; } }",
            "message p.A.KindOneOf 2 _2",
        ),
        (
            "syntax = \"proto2\"; package p; message A { optional int32 aB = 1; optional int32 a_b = 2 [json_name = \"x\"]; }",
            "field p.A.a_b 2 _2",
        ),
        (
            "syntax = \"proto2\"; package p; message A { oneof k { int32 a_b = 1; int32 A_b = 2 [json_name = \"x\"]; } }",
            "field p.A.A_b 2 _2",
        ),
        ("syntax = \"proto2\"; package p; message A { enum Mode { MODE_FAST = 0; FAST = 1; } }", "value p.A.FAST 2 _2"),
    ] {
        assert_eq!(found(&[("a.proto", source)]), [expected]);
    }
    let both = found(&[("a.proto", "package p; message A { enum E { X = 0; } } message a { enum E { Y = 0; } }")]);
    assert_eq!(both, ["message p.a 2 _2", "enum p.a.E 2 _2"]);
    let alias = "enum E { option allow_alias = true; A_B = 0; C = 1; A__B = 0; }";
    assert!(found(&[("a.proto", alias)]).is_empty());
}

#[test]
fn messages_of_one_form_share_constants_of_buffa() {
    let of = |source: &str| -> Vec<String> {
        let set = set(&[("acme/app", "a.proto", source), ("acme/app", "b.proto", "package p.foo_bar; message X {}")]);
        let found = namesakes(Family::Buffa, &set, &module("acme/app")).unwrap();
        found.into_iter().map(|twin| [twin.full, twin.type_suffix, twin.module_suffix].join(" ")).collect()
    };
    assert_eq!(of("package p; message HTTPRule {} message HttpRule {}"), [".p.HttpRule 2 _2"]);
    let both = of("package p; message HTTPRule { message In {} } message HttpRule { message In {} }");
    assert_eq!(both, [".p.HttpRule  _2", ".p.HttpRule.In 2 _2"], "a module alone is told apart where there is one");
    let many = of(
        "package p; message HTTPRule {} message HttpRule { message In {} } message http_rule {} message Http_Rule {}",
    );
    assert_eq!(many, [".p.http_rule 2 _2", ".p.HttpRule 3 _3", ".p.Http_Rule 4 _4"]);
    assert!(of("package p; message FooBar {} message A { message FooBar {} }").is_empty(), "a package has no constant");
}

#[test]
fn extensions_of_one_form_share_a_constant_of_buffa() {
    let source =
        "syntax = \"proto2\"; package p; message M { extensions 1 to 9; extend M { optional int32 fooBar = 1; } }
        extend M { optional int32 foo_bar = 2; optional M FOO_BAR = 3; optional int32 Foo_Bar = 4; }";
    let bare = "syntax = \"proto2\"; import \"a.proto\"; extend p.M { optional int32 x = 5; optional int32 X = 6; }";
    let set = set(&[("acme/app", "a.proto", source), ("acme/app", "b.proto", bare)]);
    let of = |family| -> Vec<String> {
        let found = namesakes(family, &set, &module("acme/app")).unwrap();
        found.into_iter().map(|twin| [twin.kind, " ", &twin.full, &twin.module_suffix].concat()).collect()
    };
    let expected = ["extension .p.FOO_BAR_2", "extension .p.Foo_Bar_3", "extension .X_2"];
    assert_eq!(of(Family::Buffa), expected);
    assert!(of(Family::Prost).is_empty());
}

#[test]
fn functions_that_prost_gives_two_fields_are_told_apart() {
    let of = |fields: &str| found(&[("a.proto", &format!("package p; enum E {{ A = 0; }} message M {{ {fields} }}"))]);
    assert_eq!(of("E kind = 1; E set_kind = 2; E set_set_kind = 3;"), ["field p.M.set_kind 2 _2"]);
    assert_eq!(of("optional bytes set_kind = 1; E kind = 2;"), ["field p.M.kind 2 _2"]);
    assert_eq!(of("repeated E kinds = 1; E PushKinds = 2;"), ["field p.M.PushKinds 2 _2"]);
    assert_eq!(of("map<int32, E> m = 1; E get_m = 2; optional int32 insert_m = 3; E get_m_2 = 4;").len(), 2);
    // prost's derive knows no keywords there.
    assert_eq!(of("map<int32, E> type = 1; map<int32, int32> match = 2;"), ["field p.M.type 2 _2"]);
    for fine in
        ["E kind = 1; int32 set_kind = 2;", "string kind = 1; E set_kind = 2;", "oneof o { E set_k = 1; } E k = 2;"]
    {
        assert!(of(fine).is_empty(), "{fine}");
    }
    let buffa = set(&[("acme/app", "a.proto", "enum E { A = 0; } message M { E kind = 1; E set_kind = 2; }")]);
    assert!(namesakes(Family::Buffa, &buffa, &module("acme/app")).unwrap().is_empty());
}

#[test]
fn a_name_without_case_is_that_of_a_type_and_of_a_module() {
    let source = "package p; message _1 { message In {} } message lower { message In {} }";
    assert_eq!(found(&[("a.proto", source)]), ["message p._1  _2"]);
    let set = set(&[("acme/app", "a.proto", source)]);
    let buffa = namesakes(Family::Buffa, &set, &module("acme/app")).unwrap();
    assert_eq!(buffa.iter().map(|twin| twin.full.as_str()).collect::<Vec<_>>(), [".p._1", ".p.lower"]);
}

#[test]
fn names_without_a_rust_name_are_refused() {
    let refused = |source: &str| {
        let set = set(&[("acme/app", "a.proto", source)]);
        namesakes(Family::Prost, &set, &module("acme/app")).unwrap_err().to_string()
    };
    assert!(refused("package a._.b; message M {}").contains("file a.proto: package a._.b has no name"));
    assert!(refused("message __ {}").contains("file a.proto: message __ has no name"));
    let deep = format!("package {}; message M {{}}", ["a"; 65].join("."));
    assert!(refused(&deep).contains("more than 64 segments"));
}

#[test]
fn declarations_of_other_modules_do_not_matter() {
    let files = [
        ("acme/app", "a.proto", "package shop; message Cart { message Line {} }"),
        ("acme/lib", "b.proto", "package shop.cart; message X {}"),
    ];
    assert!(namesakes(Family::Prost, &set(&files), &module("acme/app")).unwrap().is_empty());
}
