//! Every plugin that the registry brings, run for `buf generate`, makes what it makes of the request that `buf` hands
//! to a plugin on its own machine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use registry::generate::{Catalogue, run};
use registry::model::Plugin;

use crate::support::{Buf, Registry, tree};

/// Keeps the request that it gets, and makes nothing.
const RECORDER: &str = "#!/bin/sh\ncat > request.bin\n";

/// Options that a plugin does not work alone without.
fn options(plugin: &Plugin) -> &'static str {
    match plugin.name.to_string().as_str() {
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

/// The files by their names.
fn expected(plugin: &Plugin, request: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let made = run(plugin, request, Some(Duration::from_secs(60)), Arc::new(())).unwrap();
    assert!(made.insertions.is_empty(), "{}: {:?}", plugin.reference(), made.insertions);
    made.files.into_iter().map(|file| (file.name, file.content.into_bytes())).collect()
}

#[test]
fn every_plugin_makes_what_it_makes_of_a_local_request() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets().program("protoc-gen-recorder", RECORDER);
    buf.push("common");
    buf.lock_and_push("pets");
    let catalogue = Catalogue::embedded().unwrap();
    let mut names = vec![];
    for plugin in catalogue.plugins() {
        let options = options(plugin);
        for imports in [false, true] {
            buf.write("gen.yaml", &template("local: protoc-gen-recorder", options, imports));
            buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
            let expected = expected(plugin, std::fs::read(buf.path("request.bin")).unwrap());
            assert!(!expected.is_empty(), "{} makes nothing", plugin.reference());
            buf.write("gen.yaml", &template(&format!("remote: HOST/{}", plugin.reference()), options, imports));
            buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
            let made = tree(&buf.path("gen"));
            assert_eq!(
                made.keys().collect::<Vec<_>>(),
                expected.keys().collect::<Vec<_>>(),
                "{}, imports {imports}",
                plugin.reference()
            );
            assert!(made == expected, "{}, imports {imports}: other text", plugin.reference());
            std::fs::remove_dir_all(buf.path("gen")).unwrap();
        }
        names.push(plugin.name.to_string());
    }
    for known in ["prost", "tonic", "prost-serde", "prost-crate"] {
        assert!(names.contains(&format!("community/neoeinstein-{known}")), "{names:?}");
    }
}
