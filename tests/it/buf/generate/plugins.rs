//! `buf generate` with plugins that run here, and with modules that are kept here.

use crate::support::{Buf, Registry, tree};

fn template(plugins: &[(&str, &str)]) -> String {
    let mut text = "version: v2\nplugins:\n".to_owned();
    for (plugin, options) in plugins {
        text.push_str(&format!("  - remote: HOST/community/{plugin}\n    out: gen\n{options}"));
    }
    text
}

#[test]
fn plugins_run_here_and_get_their_options() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    buf.push("common");
    buf.lock_and_push("pets");
    buf.write(
        "gen.yaml",
        &template(&[
            ("neoeinstein-prost:v0.5.0", "    opt: [\"bytes=.\", file_descriptor_set]\n"),
            ("neoeinstein-tonic", ""),
        ]),
    );
    buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
    let generated = tree(&buf.path("gen"));
    let names: Vec<_> = generated.keys().map(String::as_str).collect();
    assert_eq!(names, ["acme/pets/v1/acme.pets.v1.rs", "acme/pets/v1/acme.pets.v1.tonic.rs"]);
    let prost = String::from_utf8_lossy(&generated["acme/pets/v1/acme.pets.v1.rs"]).into_owned();
    assert!(prost.contains("pub struct Pet ") && prost.contains("FILE_DESCRIPTOR_SET"), "{prost}");
    // The second plugin writes into the file of the first, where that left room.
    assert!(prost.contains("include!(\"acme.pets.v1.tonic.rs\");\n// @@protoc_insertion_point(module)"), "{prost}");
    // The same from the module in the registry, and with what it imports.
    std::fs::remove_dir_all(buf.path("gen")).unwrap();
    buf.run(["generate", "HOST/acme/pets", "--template", "gen.yaml"]).ok();
    assert_eq!(tree(&buf.path("gen")), generated);
    buf.run(["generate", "pets", "--template", "gen.yaml", "--include-imports"]).ok();
    let names: Vec<_> = tree(&buf.path("gen")).into_keys().collect();
    assert!(names.iter().any(|name| name == "google_like/v1/google_like.v1.rs"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("protobuf")), "{names:?}");
}

#[test]
fn what_is_generated_is_what_the_crate_holds() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    buf.write("gen.yaml", &template(&[("neoeinstein-prost:v0.5.0", "    opt: [\"bytes=.\", flat_output_dir]\n")]));
    buf.run(["generate", "HOST/acme/common", "--template", "gen.yaml"]).ok();
    let generated = buf.read("gen/google_like.v1.rs");
    let name = "acme_common_community_neoeinstein-prost";
    let version = buf.version("acme/common", "community/neoeinstein-prost");
    let packed = registry.get(&format!("/gen/cargo/api/v1/crates/{name}/{version}/download")).ok().body;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    let sources: Vec<String> = archive
        .entries()
        .unwrap()
        .filter_map(|entry| {
            let mut entry = entry.unwrap();
            let wanted = entry.path().unwrap().to_str().unwrap().ends_with("google_like.v1.rs");
            let mut text = String::new();
            wanted.then(|| std::io::Read::read_to_string(&mut entry, &mut text).unwrap()).map(|_| text)
        })
        .collect();
    let [source] = sources.as_slice() else { panic!("{} files of that name", sources.len()) };
    // The crate's options also ask for the descriptors, which the packaging moves to a file.
    let structure = generated.split("pub struct Money").nth(1).unwrap().split('}').next().unwrap();
    assert!(source.contains(structure), "{structure:?} is missing in {source}");
}

#[test]
fn a_plugin_that_fails_fails_the_call() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.write("gen.yaml", &template(&[("neoeinstein-prost:v0.5.0", "    opt: no_such_option\n")]));
    buf.run(["generate", "common", "--template", "gen.yaml"]).fails().says("invalid_argument").says("no_such_option");
    assert!(!buf.path("gen").exists(), "files of a plugin that failed were written");
    buf.write("gen.yaml", &template(&[("nothing", "")]));
    buf.run(["generate", "common", "--template", "gen.yaml"]).fails().says("community/nothing");
    buf.write("gen.yaml", &template(&[("neoeinstein-prost:v9.9.9", "")]));
    buf.run(["generate", "common", "--template", "gen.yaml"]).fails().says("v9.9.9");
    buf.write("gen.yaml", &template(&[("neoeinstein-prost:v0.5.0", "    revision: 9\n")]));
    buf.run(["generate", "common", "--template", "gen.yaml"]).fails().says("revision");
}

#[test]
fn an_input_can_be_a_module_of_this_registry() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.run(["push", "common", "--create", "--label", "next"]).ok();
    let inputs =
        "inputs:\n  - module: HOST/acme/common:next\n    types: [google_like.v1.Money]\n  - directory: common\n";
    let plugins = template(&[("neoeinstein-prost:v0.5.0", "")]);
    buf.write("gen.yaml", &format!("{plugins}{inputs}"));
    buf.run(["generate", "--template", "gen.yaml"]).ok();
    assert!(buf.read("gen/google_like/v1/google_like.v1.rs").contains("pub struct Money"));
}

#[test]
fn editions_are_generated_remotely_as_in_crates() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().module("acme/new", &[]);
    let source = "edition = \"2023\";\npackage a;\nmessage A { string a = 1; A in = 2 [features.message_encoding = DELIMITED]; \
                  int32 b = 3 [features.field_presence = IMPLICIT]; B c = 4 [features.message_encoding = DELIMITED]; } \
                  message B { A a = 1 [features.message_encoding = DELIMITED]; }\nservice S { rpc Get(A) returns (A); }\n";
    buf.write("new/a.proto", source);
    buf.write(
        "gen.yaml",
        &template(&[
            ("neoeinstein-prost:v0.5.0", ""),
            ("neoeinstein-prost-serde:v0.4.0", ""),
            ("neoeinstein-tonic:v0.5.0", ""),
        ]),
    );
    buf.run(["generate", "new", "--template", "gen.yaml"]).ok();
    for (file, texts) in [
        ("gen/a/a.rs", ["Option<::prost::alloc::string::String>", "#[prost(group"]),
        ("gen/a/a.serde.rs", ["impl serde::Serialize for A", "\"in\""]),
        ("gen/a/a.tonic.rs", ["pub mod s_client", "\"/a.S/Get\""]),
    ] {
        let text = buf.read(file);
        texts.iter().for_each(|expected| assert!(text.contains(expected), "no {expected} in {file}:\n{text}"));
    }
    // What the plugin would print are not the descriptors of the sources.
    buf.write("gen.yaml", &template(&[("neoeinstein-prost:v0.5.0", "    opt: file_descriptor_set\n")]));
    let run = buf.run(["generate", "new", "--template", "gen.yaml"]).fails();
    assert!(run.stderr.contains("option file_descriptor_set would print files of an edition"), "{run}");
    // An earlier prost has no box for the circle.
    buf.write("gen.yaml", &template(&[("neoeinstein-prost:v0.3.1", "")]));
    let run = buf.run(["generate", "new", "--template", "gen.yaml"]).fails();
    assert!(run.stderr.contains("leads back to its own message"), "{run}");
}

#[test]
fn no_spelling_of_an_option_reads_a_file_of_the_server() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let secret = buf.path("secret.toml");
    std::fs::write(&secret, "token = \"canary\"\n").unwrap();
    for path in [secret.to_str().unwrap(), "/proc/self/environ"] {
        for option in [
            "gen_crate=PATH",
            " gen_crate=PATH",
            "\\tgen_crate=PATH",
            "\\u00a0gen_crate=PATH",
            "gen_crate =PATH",
            "=gen_crate=PATH",
            "==gen_crate=PATH",
            "no_features, gen_crate=PATH",
            "include_file=a\\\\,gen_crate=PATH",
            "include_file=a=b\\\\=gen_crate=PATH",
            "gen_crate==PATH",
            "GEN_CRATE=PATH",
        ] {
            let option = option.replace("PATH", path);
            buf.write("gen.yaml", &template(&[("neoeinstein-prost-crate", &format!("    opt: \"{option}\"\n"))]));
            let run = buf.run(["generate", "common", "--template", "gen.yaml"]).fails();
            assert!(!run.stderr.contains("canary") && !run.stderr.contains("PATH="), "{option:?}: {run}");
            assert!(!buf.path("gen").exists(), "{option:?} made files");
        }
    }
}
