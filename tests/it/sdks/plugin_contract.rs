//! What is expected of the answer of somebody's own plugin, as `registry plugin --help` says it: a test for each rule.

use std::collections::BTreeMap;
use std::io::Read as _;

use crate::support::{Buf, Module, Programs, Pushed, Registry, pets};

const DOG: &str = "pub struct Dog;\n";

/// A registry with these plugins, which make crates with every push.
fn registry(programs: &Programs, names: &[&str]) -> Registry {
    let config = programs.config();
    let eager: Vec<_> = names.iter().map(|name| format!("acme/{name}")).collect();
    Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", &eager.join(",")).flag("push-wait", "60");
    })
}

/// Package `acme.pets.v1`, which declares `Dog`.
fn dogs() -> Module {
    Module::new("acme/pets").file("acme/pets/v1/pets.proto", pets("name"))
}

/// The files below `src/` of the crate of plugin `acme/{name}`.
fn sources(registry: &Registry, pushed: &Pushed, name: &str) -> BTreeMap<String, String> {
    let sdk = pushed.sdk(&format!("acme/{name}"));
    let packed = registry.get(&format!("/gen/cargo/api/v1/crates/{}/{}/download", sdk.name, sdk.version)).ok().body;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    let mut sources = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        if let Some((_, path)) = path.split_once("/src/") {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            sources.insert(path.to_owned(), text);
        }
    }
    sources
}

/// The tree of modules in `lib.rs`, on one line, without attributes.
fn modules(sources: &BTreeMap<String, String>) -> String {
    let tree = sources["lib.rs"].lines().filter(|line| !line.trim_start().starts_with(['#', '/']));
    tree.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_is_the_module_of_its_package() {
    let files = [("acme.pets.v1.rs", DOG), ("acme.pets.rs", "pub struct Owner;\n"), ("_.rs", "pub struct Bare;\n")];
    let programs = Programs::new().answering("plain", &files, "");
    let registry = registry(&programs, &["plain"]);
    let module = dogs()
        .file("owner.proto", "syntax = \"proto3\";\npackage acme.pets;\nmessage Owner {}\n")
        .file("bare.proto", "syntax = \"proto3\";\nmessage Bare {}\n");
    let made = sources(&registry, &module.push(&registry), "plain");
    assert_eq!(
        modules(&made),
        "include!(\"_.rs\"); pub mod acme { pub mod pets { include!(\"acme.pets.rs\"); pub mod v1 { \
         include!(\"acme.pets.v1.rs\"); } } }"
    );
    assert_eq!(made["acme.pets.v1.rs"], DOG);
}

#[test]
fn a_submodule_stands_below_its_package() {
    let programs = Programs::new().answering("stubs", &[("acme.pets.v1.stubs.rs", DOG)], "submodule = \"stubs\"\n");
    let registry = registry(&programs, &["stubs"]);
    let made = sources(&registry, &dogs().push(&registry), "stubs");
    assert_eq!(
        modules(&made),
        "pub mod acme { pub mod pets { pub mod v1 { pub mod stubs { include!(\"acme.pets.v1.stubs.rs\"); } } } }"
    );
}

#[test]
fn a_module_is_one_file() {
    let programs = Programs::new().answering("two", &[("acme.pets.v1.rs", DOG), ("acme.Pets.v1.rs", "")], "");
    let registry = registry(&programs, &["two"]);
    assert_eq!(
        dogs().push(&registry).failure("acme/two"),
        "plugin acme/two:v1.0.0 gave an answer that cannot be used: it made files \"acme.Pets.v1.rs\" and \
         \"acme.pets.v1.rs\" for one Rust module; a module is one file"
    );
}

#[test]
fn every_package_with_types_has_a_file_unless_another_plugin_makes_the_types() {
    let folders = [("acme/pets/v1/acme.pets.v1.rs", DOG)];
    let programs = Programs::new()
        .answering("folders", &folders, "")
        .answering("types", &[("acme.pets.v1.rs", DOG)], "")
        .answering("helpers", &[], "plugin-deps = [\"acme/types:v1.0.0\"]\n");
    let registry = registry(&programs, &["folders", "types", "helpers"]);
    let pushed = dogs().push(&registry);
    assert_eq!(
        pushed.failure("acme/folders"),
        "plugin acme/folders:v1.0.0 made no file \"acme.pets.v1.rs\" for package \"acme.pets.v1\", so its types would be \
         missing: it made acme/pets/v1/acme.pets.v1.rs; leave out options that lead to other crates, or use another plugin"
    );
    assert_eq!(sources(&registry, &pushed, "helpers").into_keys().collect::<Vec<_>>(), ["lib.rs"]);
}

#[test]
fn files_of_any_other_name_are_left_out() {
    let files = [
        ("acme.pets.v1.rs", DOG),
        ("Cargo.toml", "[package]\nname = \"mine\"\n"),
        ("lib.rs", "pub mod mine;\n"),
        ("google.type.rs", "pub struct Money;\n"),
        ("docs/index.html", "<p>"),
    ];
    let programs = Programs::new().answering("talks", &files, "");
    let registry = registry(&programs, &["talks"]);
    let made = sources(&registry, &dogs().push(&registry), "talks");
    assert_eq!(made.keys().collect::<Vec<_>>(), ["acme.pets.v1.rs", "lib.rs"]);
    assert!(!made["lib.rs"].contains("mine"), "{}", made["lib.rs"]);
}

#[test]
fn a_file_holds_items_alone() {
    let programs = Programs::new()
        .answering("allows", &[("acme.pets.v1.rs", "#![allow(dead_code)]\npub struct Dog;\n")], "")
        .answering("tells", &[("acme.pets.v1.rs", "//! Pets.\npub struct Dog;\n")], "");
    let registry = registry(&programs, &["allows", "tells"]);
    let pushed = dogs().push(&registry);
    for name in ["allows", "tells"] {
        assert_eq!(
            pushed.failure(&format!("acme/{name}")),
            format!(
                "plugin acme/{name}:v1.0.0 made file acme.pets.v1.rs with an attribute like `#![…]`, or a comment like \
                 `//! …`, for all of it; the file is included in a module of lib.rs, so it is to hold items alone"
            )
        );
    }
}

#[test]
fn text_for_an_insertion_point_goes_above_its_mark_in_a_file_of_the_same_plugin() {
    let marked = "pub struct Dog;\nimpl Dog {\n    // @@protoc_insertion_point(calls)\n}\n";
    let bark = ("acme.pets.v1.rs@calls", "pub fn bark() {}\n");
    let programs = Programs::new()
        .answering("marks", &[bark, ("acme.pets.v1.rs", marked)], "")
        .answering("misses", &[("acme.pets.v1.rs", DOG), bark], "")
        .answering("strays", &[("acme.pets.v1.rs", DOG), ("other.rs@calls", "")], "");
    let registry = registry(&programs, &["marks", "misses", "strays"]);
    let pushed = dogs().push(&registry);
    assert_eq!(
        sources(&registry, &pushed, "marks")["acme.pets.v1.rs"],
        "pub struct Dog;\nimpl Dog {\n    pub fn bark() {}\n    // @@protoc_insertion_point(calls)\n}\n"
    );
    assert_eq!(
        pushed.failure("acme/misses"),
        "plugin acme/misses:v1.0.0 gave an answer that cannot be used: it inserts into file \"acme.pets.v1.rs\", in which \
         no line is \"// @@protoc_insertion_point(calls)\""
    );
    assert_eq!(
        pushed.failure("acme/strays"),
        "plugin acme/strays:v1.0.0 gave an answer that cannot be used: it inserts into file \"other.rs\", which it did \
         not make; a crate holds the files of one plugin"
    );
}

#[test]
fn buf_puts_text_into_the_files_of_other_plugins() {
    let marked = "pub struct Dog;\n// @@protoc_insertion_point(module)\n";
    let programs = Programs::new().answering("marks", &[("acme.pets.v1.rs", marked)], "").answering(
        "adds",
        &[("acme.pets.v1.rs@module", "pub struct Cat;\n")],
        "",
    );
    let registry = registry(&programs, &[]);
    let buf = Buf::new(&registry).acme().module("acme/pets", &[]);
    buf.write("pets/acme/pets/v1/pets.proto", &pets("name"));
    let plugin = |name: &str| format!("  - remote: HOST/acme/{name}\n    out: gen\n");
    buf.write("gen.yaml", &format!("version: v2\nplugins:\n{}{}", plugin("marks"), plugin("adds")));
    buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
    // The last line break is not written by `buf` where it puts text into a file.
    let expected = "pub struct Dog;\npub struct Cat;\n// @@protoc_insertion_point(module)";
    assert_eq!(buf.read("gen/acme.pets.v1.rs"), expected);
}

#[test]
fn it_is_told_its_options_and_where_the_types_of_other_modules_are() {
    let script = "cat >request
if grep -q acme/pets/v1/pets.proto request; then
    for part in acme/owners/v1/owner.proto fast extern_path=.acme.owners.v1=::acme_owners_acme_asks::acme::owners::v1; do
        grep -q $part request || { echo $part is missing >&2; exit 3; }
    done
fi
cat HERE/answer";
    let owners = Programs::new().answer("answer", &[("acme.pets.v1.rs", DOG), ("acme.owners.v1.rs", DOG)]);
    let programs = owners.script("asks", script, "options = [\"fast\"]\n");
    let registry = registry(&programs, &[]);
    let owner = "syntax = \"proto3\";\npackage acme.owners.v1;\nmessage Owner {}\n";
    Module::new("acme/owners").file("acme/owners/v1/owner.proto", owner).push(&registry);
    let pet = "syntax = \"proto3\";\npackage acme.pets.v1;\nimport \"acme/owners/v1/owner.proto\";\n\
               message Dog { acme.owners.v1.Owner owner = 1; }\n";
    let yaml = format!("version: v1\nname: {0}/acme/pets\ndeps: [{0}/acme/owners]\n", registry.host());
    Module::new("acme/pets").file("buf.yaml", yaml).file("acme/pets/v1/pets.proto", pet).push(&registry);
    registry.cli(["sdk", "generate", "acme/pets", "--plugin", "acme/asks"]).ok();
}

#[test]
fn an_error_that_it_answers_refuses_the_request_and_is_told() {
    let programs = Programs::new().refusing("says-no", "dogs are not welcome");
    let registry = registry(&programs, &["says-no"]);
    assert_eq!(
        dogs().push(&registry).failure("acme/says-no"),
        "plugin acme/says-no:v1.0.0 refused: dogs are not welcome"
    );
}
