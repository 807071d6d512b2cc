//! Parts and the whole.

use crate::generate::*;
use crate::generate::{Catalogue, ExternCrate};
use crate::model::testing::{module, set};
use crate::model::{Family, GeneratedFile};

#[test]
fn the_answers_for_the_parts_are_the_answer_for_the_whole() {
    let long = format!("// {}\n", "x".repeat(1 << 20));
    let sources = [
        ("acme/lib", "lib.proto", "package lib; // Theirs.\nmessage Loop { Loop l = 1; }"),
        ("acme/lib", "split.proto", "package a; message Theirs {} service T { rpc R(Theirs) returns (Theirs); }"),
        (
            "acme/app",
            "a.proto",
            "package a; import \"lib.proto\"; import \"split.proto\"; // Ours.\nmessage Ours { lib.Loop l = 1; Theirs t = 2; }",
        ),
        ("acme/app", "b.proto", "package b; import \"a.proto\"; message Bag { map<int32, a.Ours> m = 1; Bag b = 2; }"),
        ("acme/app", "c.proto", "package a.c; import \"b.proto\"; service Bags { rpc R(b.Bag) returns (b.Bag); }"),
        (
            "acme/app",
            "d.proto",
            "package B; import \"lib.proto\"; message Deed { oneof k { lib.Loop l = 1; int32 n = 2; } }",
        ),
    ];
    let app = module("acme/app");
    let externs = ["acme/app", "acme/lib"].map(|name| ExternCrate {
        module: module(name),
        lib_name: name.replace('/', "_"),
        numbered: None,
    });
    let catalogue = Catalogue::embedded().unwrap();
    let splitting = |plugin: &&Plugin| {
        let generator = find(plugin).unwrap();
        // The modules share a package.
        generator.splits() && generator.takes_single_types()
    };
    for plugin in catalogue.plugins().iter().filter(splitting) {
        // prost makes one file of the packages `b` and `B`, which are one module; buffa would make two.
        let (of_deed, expected) = if plugin.family == Family::Buffa { ("package d;", 4) } else { ("package B;", 3) };
        let sources =
            sources.map(|(module, path, text)| (module, path, [&long, text].concat().replace("package B;", of_deed)));
        let files: Vec<_> = sources.iter().map(|(module, path, text)| (*module, *path, text.as_str())).collect();
        let descriptors = set(&files);
        let request = Request { descriptors: &descriptors, module: &app, externs: &externs, options: &plugin.options };
        let mut plan = Plan::new(plugin, &request).unwrap();
        let (parts, calls) = made(&plan);
        plan.units = None;
        assert!((made(&plan), calls) == ((parts, 1), expected), "{}: {calls} calls", plugin.reference());
    }
}

/// What the calls of a plan make, and how many they are.
fn made(plan: &Plan<'_>) -> (Vec<GeneratedFile>, usize) {
    let made = plan.run(&Bounds::none(), |_, generated| generated.files).unwrap();
    let calls = made.len();
    let mut files: Vec<_> = made.into_iter().flatten().collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    (files, calls)
}

#[test]
fn a_package_that_a_part_does_not_import_is_known_to_it() {
    let long = format!("// {}\n", "x".repeat(1 << 17));
    let sources = [
        ("acme/app", "a.proto", "package a; message Sub { message In {} In i = 1; }"),
        ("acme/app", "b.proto", "package b; import \"a.proto\"; message Bag { a.Sub.In i = 1; }"),
        ("acme/lib", "c.proto", "package a.sub; message Low {}"),
        ("acme/app", "d.proto", "package d; import \"c.proto\"; message Deed { a.sub.Low l = 1; }"),
    ];
    let sources = sources.map(|(module, path, text)| (module, path, [&long, text].concat()));
    let files: Vec<_> = sources.iter().map(|(module, path, text)| (*module, *path, text.as_str())).collect();
    let (descriptors, app) = (set(&files), module("acme/app"));
    let externs = [ExternCrate { module: module("acme/lib"), lib_name: "acme_lib".to_owned(), numbered: None }];
    let catalogue = Catalogue::embedded().unwrap();
    let plugin = catalogue.find(&"anthropics/buffa".parse().unwrap()).unwrap();
    let request = Request { descriptors: &descriptors, module: &app, externs: &externs, options: &plugin.options };
    let mut plan = Plan::new(plugin, &request).unwrap();
    let before = plan.fingerprints().unwrap();
    let (parts, calls) = made(&plan);
    let bag = parts.iter().find(|file| file.name == "b.rs").unwrap();
    assert!(bag.content.contains("a::sub_::In"), "{}", bag.content);
    plan.units = None;
    assert!((made(&plan), calls) == ((parts, 1), 3));

    let alone = set(&files[..2]);
    let without = Plan::new(plugin, &Request { descriptors: &alone, ..request }).unwrap().fingerprints().unwrap();
    assert_eq!(before.iter().filter(|fingerprint| without.contains(fingerprint)).count(), 0);
}

#[test]
fn what_a_plugin_refuses_names_the_file_of_the_declaration() {
    let catalogue = Catalogue::embedded().unwrap();
    let refused = |plugin: &str, source: &str, more: Option<&str>| {
        let descriptors =
            set(&[("acme/app", "good.proto", "package good; message Good {}"), ("acme/app", "bad.proto", source)]);
        let (app, plugin) = (module("acme/app"), catalogue.find(&plugin.parse().unwrap()).unwrap());
        let externs = [ExternCrate { module: app.clone(), lib_name: "acme_app".into(), numbered: None }];
        let options: Vec<_> = plugin.options.iter().cloned().chain(more.map(str::to_owned)).collect();
        let request = Request { descriptors: &descriptors, module: &app, externs: &externs, options: &options };
        generate(plugin, &request).unwrap_err().to_string()
    };
    let told = refused("anthropics/buffa", "package p; message M { string __buffa_x = 1; }", None);
    assert!(told.starts_with("file bad.proto: plugin anthropics/buffa:v0.9.2 refused: reserved field name"), "{told}");
    let calls = "package p; message M {} service S { rpc Call(M) returns (M); rpc call_with_options(M) returns (M); }";
    let told = refused("connectrpc/rust", calls, None);
    assert!(
        told.starts_with("file bad.proto: plugin connectrpc/rust:v0.9.0 refused: service S: RPC methods"),
        "{told}"
    );
    // What is wrong with an option is wrong with every file.
    let told = refused(
        "community/neoeinstein-prost",
        "package p; message M {}",
        Some("extern_path=.a=::b,extern_path=.a=::c"),
    );
    assert!(told.starts_with("plugin community/neoeinstein-prost:v0.5.0 refused: "), "{told}");
}
