use crate::generate::{Catalogue, ExternCrate, GenerateError, Request, generate, numbered_names};
use crate::model::testing::{module, set};
use crate::model::{Generated, ModuleName, Plugin};

const PROST: &str = "community/neoeinstein-prost";
const TONIC: &str = "community/neoeinstein-tonic";
const SERDE: &str = "local/prost-serde";
const BUFFA: &str = "anthropics/buffa";
const CONNECT: &str = "connectrpc/rust";

fn plugin(name: &str) -> Plugin {
    Catalogue::embedded().unwrap().find(&name.parse().unwrap()).unwrap().clone()
}

fn generated(name: &str, files: &[(&str, &str)]) -> Result<Generated, GenerateError> {
    let (plugin, app) = (plugin(name), module("acme/app"));
    let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", *path, *source)).collect();
    let descriptors = set(&files);
    let externs = [ExternCrate { module: app.clone(), lib_name: "messages".to_owned(), numbered: None }];
    let options = &plugin.options;
    generate(&plugin, &Request { descriptors: &descriptors, module: &app, externs: &externs, options })
}

/// The text of the only file.
fn text(name: &str, source: &str) -> String {
    generated(name, &[("a.proto", source)]).unwrap().files.remove(0).content
}

fn refused(name: &str, source: &str) -> String {
    generated(name, &[("a.proto", source)]).unwrap_err().to_string()
}

#[test]
fn a_service_hides_no_name_of_the_code_around_it() {
    let of = |service: &str| {
        text(TONIC, &format!("package p; message M {{}} service {service} {{ rpc R(M) returns (stream M); }}"))
    };
    let option = of("Option");
    assert!(option.contains("max_decoding_message_size: ::core::option::Option<usize>"), "{option}");
    assert!(option.contains("pub trait Option:") && option.contains("T: Option,"), "{option}");
    assert!(option.contains("\"/p.Option/R\"") && option.contains("pub mod option_server {"), "{option}");
    assert!(of("Default").contains("::core::default::Default::default()"));
    assert!(of("Context").contains("cx: &mut ::tonic::codegen::Context<'_>"));
    assert!(of("Clone").contains("> ::core::clone::Clone for CloneServer<T>"));
    assert!(of("T").contains("impl<T: self::T>") || of("T").contains("T: self::T"));
    // What a macro writes cannot be changed.
    let boxed = of("Box");
    assert!(boxed.contains("pub trait Box2:") && boxed.contains("\"/p.Box/R\""), "{boxed}");
}

#[test]
fn a_message_hides_no_crate_and_no_type() {
    let std = text(SERDE, "package p; message Std { message In { string s = 1; } In i = 1; }");
    assert!(std.contains("&mut ::std::fmt::Formatter<'_>") && std.contains("pub mod std {"), "{std}");
    let str = text(PROST, "package p; message Str { message In {} } enum E { A = 0; }");
    assert!(str.contains("&'static ::core::primitive::str") && str.contains("pub mod str {"), "{str}");
    let from =
        text(BUFFA, "package p; message From { string s = 1; } message M { oneof q { From x = 1; string y = 2; } }");
    assert!(from.contains("::core::convert::From<") && !from.contains("impl From<"), "{from}");
    let parameter = text(SERDE, "package p; message S { D d = 1; } message D { S s = 1; }");
    assert!(parameter.contains("pub struct S {") && parameter.contains("for S {"), "{parameter}");
}

#[test]
fn a_package_hides_no_crate_from_the_one_around_it() {
    let files = [("a.proto", "package a; message M { string s = 1; }"), ("b.proto", "package a.serde; message N {}")];
    let made = generated(SERDE, &files).unwrap();
    let [outer, inner] = &made.files[..] else { panic!("{:?}", made.files) };
    assert_eq!([outer.name.as_str(), inner.name.as_str()], ["a.rs", "a.serde.rs"]);
    assert!(outer.content.contains("impl ::serde::Serialize for M"), "{}", outer.content);
    assert!(inner.content.contains("\"a.serde.N"), "{}", inner.content);
}

#[test]
fn two_declarations_of_one_name_are_told_apart_by_a_number() {
    let source = "package p; message FooBar { int32 a = 1; } message Foo_Bar { FooBar f = 1; message In {} In i = 2; }
        service XGet { rpc A(Foo_Bar) returns (FooBar); } service X_Get { rpc A(Foo_Bar.In) returns (FooBar); }";
    let mut made = generated(PROST, &[("a.proto", source)]).unwrap();
    let file = made.files.remove(0);
    assert!(file.content.contains("pub struct FooBar2 {") && file.content.contains("pub mod foo_bar_2 {"));
    assert!(file.content.contains("Option<FooBar>") && file.content.contains("Option<foo_bar_2::In>"));
    assert_eq!(file.renamed, ["message `p.Foo_Bar` has `2` behind its name in Rust"]);
    let set = file.descriptors.unwrap();
    assert!(set.windows(7).any(|bytes| bytes == b"Foo_Bar"), "descriptors have the names of the sources");
    let stubs = text(TONIC, source);
    assert!(stubs.contains("::messages::p::FooBar2>") && stubs.contains("::messages::p::foo_bar_2::In>"), "{stubs}");
    assert!(stubs.contains("pub mod x_get2_server") || stubs.contains("pub mod x_get_2_server"), "{stubs}");
    assert!(stubs.contains("\"/p.X_Get/A\"") && stubs.contains("\"/p.XGet/A\""), "{stubs}");
}

#[test]
fn a_package_keeps_its_name_beside_a_message() {
    let files = [
        ("a.proto", "package a.v1; message Cluster { message Kind {} Kind k = 1; }"),
        ("b.proto", "package a.v1.cluster; import \"a.proto\"; message X { a.v1.Cluster.Kind k = 1; }"),
    ];
    for (plugin, path) in [(PROST, "super::cluster_2::Kind"), (BUFFA, "super::cluster_2::Kind")] {
        let made = generated(plugin, &files).unwrap();
        let file = |name: &str| &made.files.iter().find(|file| file.name == name).unwrap().content;
        assert!(
            file("a.v1.rs").contains("pub mod cluster_2 {") && file("a.v1.rs").contains("struct Cluster"),
            "{plugin}"
        );
        assert!(file("a.v1.cluster.rs").contains(path), "{plugin}");
    }
}

#[test]
fn a_module_is_told_names_that_files_decide_which_it_does_not_import() {
    let cluster = "package v1; message Cluster { message Kind {} Kind k = 1; } message Foo_Bar { message In {} }";
    let (lib, app) = (module("acme/lib"), module("acme/app"));
    let whole = set(&[
        ("acme/lib", "a.proto", "package v1; message FooBar {}"),
        ("acme/lib", "cluster.proto", cluster),
        ("acme/lib", "inner.proto", "package v1.cluster; message X {}"),
    ]);
    let numbered = numbered_names(&whole, &lib);
    let own =
        "package app; import \"cluster.proto\"; message M { v1.Cluster.Kind k = 1; v1.Cluster c = 2; v1.Foo_Bar b = 3;
        v1.Foo_Bar.In in = 4; } service S { rpc R(v1.Foo_Bar) returns (v1.Cluster.Kind); }";
    let seen = set(&[("acme/lib", "cluster.proto", cluster), ("acme/app", "own.proto", own)]);
    for (name, paths) in [
        (PROST, &["::lib::v1::cluster_2::Kind", "::lib::v1::Cluster>", "v1::FooBar2>", "v1::foo_bar_2::In>"][..]),
        (SERDE, &["::lib::v1::cluster_2::Kind", "v1::FooBar2>"]),
        (TONIC, &["::lib::v1::cluster_2::Kind", "v1::FooBar2>"]),
        (BUFFA, &["::lib::v1::cluster_2::Kind", "::lib::v1::Cluster>", "::lib::v1::Foo_Bar2>"]),
        (CONNECT, &["::lib::v1::cluster_2::", "v1::Foo_Bar"]),
    ] {
        let plugin = plugin(name);
        let extern_crate = |module: &ModuleName, lib_name: &str, numbered| ExternCrate {
            module: module.clone(),
            lib_name: lib_name.to_owned(),
            numbered,
        };
        let names = numbered.clone().of(plugin.family);
        let externs = [extern_crate(&app, "messages", None), extern_crate(&lib, "lib", Some(names))];
        let request = Request { descriptors: &seen, module: &app, externs: &externs, options: &plugin.options };
        let made = generate(&plugin, &request).unwrap();
        let text: String = made.files.iter().map(|file| file.content.as_str()).collect();
        for path in paths {
            assert!(text.contains(path), "{name} has no {path}:\n{text}");
        }
    }
}

#[test]
fn calls_of_a_name_that_a_client_has_get_a_number() {
    let source = "package p; message M {} service S { rpc New(M) returns (M); rpc Register(M) returns (M);
        rpc Clone(M) returns (M); rpc GetIt(M) returns (M); rpc Get_It(M) returns (M); rpc Connect(M) returns (M); }";
    let tonic = text(TONIC, source);
    for part in ["fn new2(", "fn register(", "fn clone(", "fn get_it2(", "fn connect(", "\"/p.S/New\""] {
        assert!(tonic.contains(part) || tonic.contains(&part.replace("2(", "_2(")), "{part} in {tonic}");
    }
    assert!(tonic.contains("\"/p.S/Get_It\""));
    // Connect's generator refuses the two itself.
    let source = source.replace("rpc Get_It(M) returns (M);", "");
    let connect = text(CONNECT, &source);
    for function in ["new", "register", "clone"] {
        let numbered = [format!("fn {function}2"), format!("fn {function}_2")];
        assert!(numbered.iter().any(|name| connect.contains(name.as_str())), "{function} in {connect}");
    }
}

#[test]
fn names_that_begin_with_a_digit_get_their_underscore_everywhere() {
    let source =
        "package p; message _1 { oneof _3 { int32 x = 1; string _2y = 2; } string _4 = 3; } enum E { A = 0; _9 = 1; }
        service _14 { rpc _15(_1) returns (_1); }";
    for plugin in [PROST, SERDE, BUFFA] {
        let text = text(plugin, source);
        assert!(
            text.contains("pub struct _1 {") && text.contains("pub _4:") && text.contains("_9"),
            "{plugin}: {text}"
        );
        assert!(!text.to_lowercase().contains("qxa"), "{plugin}: {text}");
    }
    let tonic = text(TONIC, source);
    assert!(tonic.contains("struct _14Client") && tonic.contains("fn _15("), "{tonic}");
    assert!(text(CONNECT, source).contains("_14Client"));
}

#[test]
fn a_oneof_called_self_has_a_name_in_buffas_code() {
    let oneof = text(
        BUFFA,
        "package p; message M { oneof self { string a = 1; M b = 2; } } message N { oneof _Self { M m = 1; } }",
    );
    assert!(oneof.contains("pub enum Self_ {") && oneof.contains("pub self_: "), "{oneof}");
}

#[test]
fn a_oneof_and_a_type_of_one_name_stay_apart_in_buffas_code() {
    let source = "package p; message M { oneof e { string a = 1; M b = 2; E c = 3; } enum E { E_A = 0; } }
        message N { oneof self { N n = 1; } message Self { string a = 1; } }";
    let made = text(BUFFA, source);
    assert!(made.contains("pub enum E {") && !made.to_lowercase().contains("qxa"), "{made}");
}

#[test]
fn a_type_of_another_module_called_self_has_a_name_in_buffas_code() {
    let lib = "package lib; message Self { string s = 1; message In {} } message type {}";
    let app = "package app; import \"lib.proto\"; message M { lib.Self s = 1; lib.Self.In i = 2; lib.type t = 3; }
        service S { rpc R(lib.Self) returns (lib.Self.In); }";
    let seen = set(&[("acme/lib", "lib.proto", lib), ("acme/app", "app.proto", app)]);
    let app = module("acme/app");
    for name in [BUFFA, CONNECT] {
        let plugin = plugin(name);
        let externs = ["acme/app", "acme/lib"].map(|name| ExternCrate {
            module: module(name),
            lib_name: name.replace('/', "_"),
            numbered: None,
        });
        let request = Request { descriptors: &seen, module: &app, externs: &externs, options: &plugin.options };
        let text = generate(&plugin, &request).unwrap().files.remove(0).content;
        assert!(text.contains("::acme_lib::lib::Self_") && !text.contains("::acme_lib::lib::Self>"), "{name}: {text}");
    }
}

#[test]
fn a_type_of_another_package_called_self_has_a_name_in_buffas_code() {
    let files = [
        ("a.proto", "package a; message Self { string s = 1; } message M { Self s = 1; }"),
        ("b.proto", "package b; import \"a.proto\"; message N { a.Self s = 1; oneof o { a.Self other = 2; } }"),
    ];
    for file in generated(BUFFA, &files).unwrap().files {
        assert!(file.content.contains("Self_") && !file.content.contains("::Self>"), "{}", file.content);
    }
}

#[test]
fn extensions_of_one_name_in_capitals_are_told_apart_in_buffas_code() {
    let source = "syntax = \"proto2\"; package p; message M { extensions 1 to 9; }
        extend M { optional int32 foo_bar = 2 [default = 4]; optional int32 FOO_BAR = 3 [default = 5]; }";
    let made = text(BUFFA, source);
    assert!(made.contains("pub const FOO_BAR: ") && made.contains("pub const FOO_BAR_2: "), "{made}");
    assert!(made.contains("[p.FOO_BAR]") || made.contains("p.FOO_BAR\""), "{made}");
    assert!(!made.to_lowercase().contains("qxa"), "{made}");
}

#[test]
fn a_type_inside_a_message_comes_before_one_around_it() {
    let files = [
        (
            "a.proto",
            "package a; message B { message C { string s = 1; } C c = 1; } message C { oneof b { B.C x = 2; } }",
        ),
        ("c.proto", "package a.c; message D {}"),
    ];
    let made = generated(BUFFA, &files).unwrap();
    assert!(made.files.iter().any(|file| file.content.contains("pub mod c_2 {")));
}

#[test]
fn what_a_plugin_says_has_the_names_of_the_source() {
    let source = "package p; message M {} service S { rpc New(M) returns (M); rpc Call(M) returns (M); rpc call_with_options(M) returns (M); }";
    let said = refused(CONNECT, source);
    assert!(said.contains("service S:") && !said.to_lowercase().contains("qx"), "{said}");
}

#[test]
fn texts_of_the_source_are_escaped() {
    let json =
        r#"package p; message M { string c = 1 [json_name = "with \"q\""]; string d = 2 [json_name = "a\\b"]; }"#;
    let text = text(SERDE, json);
    assert!(text.contains(r#""with \"q\"""#) && text.contains(r#""a\\b""#), "{text}");
    let float = "syntax = \"proto2\"; package p; message M { optional float f = 1 [default = 1e39]; }";
    assert!(super::tests::text(PROST, float).contains("default=\"inf\""));
}

#[test]
fn a_default_that_is_another_name_of_a_value_is_that_value() {
    let source = "syntax = \"proto2\"; package p; enum E { option allow_alias = true; ON = 0; E_ENABLED = 0; self = 0; OFF = 1; _1 = 2; E_2 = 2; }
        message M { optional E a = 1 [default = E_ENABLED]; optional E b = 2 [default = OFF]; optional E c = 3 [default = E_2]; }";
    for plugin in [PROST, SERDE] {
        let text = super::tests::text(plugin, source);
        for default in ["default=\"On\"", "default=\"Off\"", "default=\"_1\""] {
            assert!(text.contains(default), "{plugin}: no {default} in {text}");
        }
    }
}

#[test]
fn options_about_a_marked_declaration_hold() {
    let mut plugin = plugin(PROST);
    plugin.options.push("type_attribute=.p.Foo_Bar=#[derive(Hash)]".into());
    let (app, descriptors) =
        (module("acme/app"), set(&[("acme/app", "a.proto", "package p; message FooBar {} message Foo_Bar {}")]));
    let request = Request { descriptors: &descriptors, module: &app, externs: &[], options: &plugin.options };
    let made = generate(&plugin, &request).unwrap();
    let text = &made.files[0].content;
    let (before, _) = text.split_once("pub struct FooBar2").unwrap();
    assert!(before.rsplit_once("pub struct FooBar").unwrap().1.contains("Hash"), "{text}");
}

#[test]
fn where_no_name_is_in_the_way_nothing_changes() {
    // All of these are in doubt until the code is seen.
    let source = "package p; message Option { Result r = 1; } message Result { string s = 1; } message A {}
        service S { rpc Connect(A) returns (A); }";
    for name in [PROST, TONIC] {
        let made = text(name, source);
        assert!(made.contains("::core::option::Option<Result>") || name == TONIC);
        assert!(!made.contains("::core::option::Option::") && !made.contains("self::"), "{made}");
    }
}

#[test]
fn what_cannot_be_mended_is_said_of_the_source() {
    assert_eq!(
        refused(PROST, "message __ {}"),
        "file a.proto: message __ has no name in Rust, because nothing but underscores is in it; rename it, or use another \
         plugin"
    );
}

#[test]
fn packages_that_differ_only_in_case_are_one_module() {
    let one = "package foo.v1; message M { E e = 1; In in = 2; message In {} } enum E { E_NONE = 0; }
        service S { rpc R(M) returns (M); }";
    let other = "package Foo.V1; import \"one.proto\"; import \"sub.proto\"; message M { foo.v1.M m = 1; E e = 2;
        foo.v1.Sub.X x = 3; oneof o { int32 a = 4; M b = 5; } }
        message Own {} enum E { E_NONE = 0; E_SOME = 1; } enum Kind { KIND_SMALL = 0; } service S { rpc R(M) returns (Own); }";
    let sub = "package foo.v1.Sub; message X {}";
    let user = "package user; import \"other.proto\"; message U { Foo.V1.Own own = 1; Foo.V1.M m = 2; }";
    let files = [("one.proto", one), ("sub.proto", sub), ("other.proto", other), ("user.proto", user)];
    let sentence = "packages `Foo.V1` and `foo.v1` are one module in Rust";
    for name in [BUFFA, "anthropics/buffa:v0.5.2", "local/protovalidate"] {
        let made = generated(name, &files).unwrap().files;
        assert_eq!(
            made.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
            ["foo.v1.Sub.rs", "foo.v1.rs", "user.rs"]
        );
        let numbered =
            ["message `Foo.V1.M`", "enum `Foo.V1.E`"].map(|of| format!("{of} has `2` behind its name in Rust"));
        assert_eq!(made[1].renamed, [sentence, &numbered[0], &numbered[1]]);
        let one = &made[1].content;
        for text in
            ["pub struct M ", "pub struct M2 ", "pub struct Own ", "type.googleapis.com/Foo.V1.M\"", "pub mod m_2 {"]
        {
            assert!(one.contains(text), "{name} has no {text}:\n{one}");
        }
        assert_eq!(one.matches("pub mod __buffa").count(), 1, "{name}");
        let user = &made[2].content;
        assert!(user.contains("foo::v1::Own") && user.contains("foo::v1::M2"), "{user}");
    }
    let newest = generated(BUFFA, &files).unwrap().files.remove(1).content;
    let constants = |full: &str| {
        let behind = newest.split(&format!("const FULL_NAME: &'static str = \"{full}\"")).next().unwrap();
        behind.rsplit("const PACKAGE: &'static str = ").next().unwrap().split(';').next().unwrap().to_owned()
    };
    assert_eq!(constants("foo.v1.M"), "\"foo.v1\"");
    assert_eq!(constants("Foo.V1.M"), "\"Foo.V1\"");
    assert!(newest.contains("pub const Small: Self = Self::KIND_SMALL;") && newest.contains("=> \"KIND_SMALL\""));
    let stubs = generated(CONNECT, &files).unwrap().files.remove(0);
    assert!(
        stubs.content.contains("\"/foo.v1.S/R\"") && stubs.content.contains("\"/Foo.V1.S/R\""),
        "{}",
        stubs.content
    );
    assert_eq!(stubs.renamed[0], sentence);
    assert!(stubs.content.contains("pub trait S2:") && stubs.content.contains("::messages::foo::v1::M2"));
    // tonic makes one module of them by itself.
    let stubs = generated(TONIC, &files).unwrap().files.remove(0).content;
    assert!(
        stubs.contains("\"/foo.v1.S/R\"") && stubs.contains("\"/Foo.V1.S/R\"") && stubs.contains("pub mod s_2_client"),
        "{stubs}"
    );
}
