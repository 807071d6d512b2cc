//! Every plugin that the registry brings, run for `buf generate`, makes what it makes of the request that `buf` hands
//! to a plugin on its own machine.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use prost_types::compiler::CodeGeneratorResponse;
use prost_types::compiler::code_generator_response::File;
use registry::generate::{Catalogue, run};
use registry::model::Plugin;

use crate::support::{Buf, Registry, tree};

/// Keeps the request that it gets, and gives the answer that lies beside it.
const ON_THIS_MACHINE: &str = "#!/bin/sh\ncat > request.bin\nif [ -e answer.bin ]; then cat answer.bin; fi\n";

/// Options that a plugin does not work alone without, or with which it inserts text into its files.
fn options(plugin: &Plugin) -> &'static str {
    match plugin.name.to_string().as_str() {
        "community/neoeinstein-prost" => "file_descriptor_set",
        "community/neoeinstein-tonic" | "community/neoeinstein-prost-serde" => "no_include=true",
        "community/neoeinstein-prost-crate" => "no_features=true",
        "connectrpc/rust" => "extern_path=.=crate::proto",
        _ => "",
    }
}

fn template(plugin: &str, options: &str, imports: bool) -> String {
    let opt = if options.is_empty() { String::new() } else { format!("    opt: {options}\n") };
    // Without a directory of its own, a plugin on this machine is run once for each.
    let local = if plugin.starts_with("local") { "    strategy: all\n" } else { "" };
    format!("version: v2\nplugins:\n  - {plugin}\n    out: gen\n{opt}{local}    include_imports: {imports}\n")
}

/// What the plugin's own program would answer.
fn answer(plugin: &Plugin, request: Vec<u8>) -> Vec<u8> {
    let made = run(plugin, request, Some(Duration::from_secs(60)), Arc::new(())).unwrap();
    let file = |(name, content)| File { name: Some(name), content: Some(content), ..File::default() };
    let files = made.files.into_iter().map(file);
    let insertions = made
        .insertions
        .into_iter()
        .map(|insertion| File { insertion_point: Some(insertion.point), ..file((insertion.name, insertion.content)) });
    CodeGeneratorResponse { file: files.chain(insertions).collect(), ..Default::default() }.encode_to_vec()
}

#[test]
fn every_plugin_makes_what_it_makes_of_a_local_request() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets().program("protoc-gen-here", ON_THIS_MACHINE);
    buf.push("common");
    buf.lock_and_push("pets");
    let catalogue = Catalogue::embedded().unwrap();
    let mut names = vec![];
    for plugin in catalogue.plugins() {
        let options = options(plugin);
        for imports in [false, true] {
            let generate = |plugin: &str| {
                buf.write("gen.yaml", &template(plugin, options, imports));
                buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
            };
            let generated = |plugin: &str| {
                generate(plugin);
                let files = tree(&buf.path("gen"));
                std::fs::remove_dir_all(buf.path("gen")).unwrap();
                files
            };
            generate("local: protoc-gen-here");
            let request = std::fs::read(buf.path("request.bin")).unwrap();
            std::fs::write(buf.path("answer.bin"), answer(plugin, request)).unwrap();
            let expected = generated("local: protoc-gen-here");
            std::fs::remove_file(buf.path("answer.bin")).unwrap();
            assert!(!expected.is_empty(), "{} makes nothing", plugin.reference());
            let made = generated(&format!("remote: HOST/{}", plugin.reference()));
            assert_eq!(
                made.keys().collect::<Vec<_>>(),
                expected.keys().collect::<Vec<_>>(),
                "{}, imports {imports}",
                plugin.reference()
            );
            assert!(made == expected, "{}, imports {imports}: other text", plugin.reference());
        }
        names.push(plugin.name.to_string());
    }
    for known in ["prost", "tonic", "prost-serde", "prost-crate"] {
        assert!(names.contains(&format!("community/neoeinstein-{known}")), "{names:?}");
    }
}
