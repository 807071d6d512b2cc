//! Every plugin but the newest prost and tonic, which `edges` has: what it makes of the edge cases compiles and runs.

use crate::sdks::edge_modules::refusal;
use crate::sdks::edges::{MODULES, fixtures, push};
use crate::support::{Consumer, Registry};

/// What users of the prost families write about a module, if there is anything.
fn usage(module: &str) -> Option<String> {
    std::fs::read_to_string(fixtures("consumers/edges").join(format!("{module}.rs"))).ok()
}

/// A consumer of what `plugin` makes of all modules that it does not refuse; those modules.
fn consumer(registry: &Registry, plugin: &str) -> (Consumer, Vec<&'static str>) {
    let made: Vec<_> = MODULES.into_iter().filter(|module| refusal(module, plugin).is_none()).collect();
    let consumer = Consumer::new(registry);
    let mut add: Vec<String> = ["add", "--quiet", "--registry", "buf"].map(str::to_owned).into();
    for module in &made {
        let module = format!("edge/{module}");
        let sdk = registry.cli(["sdk", "generate", &module, "--plugin", plugin, "--json"]).ok().json();
        let text = |key: &str| sdk[key].as_str().unwrap_or_else(|| panic!("no {key} in {sdk}")).to_owned();
        add.push(format!("{}@={}", text("crate"), text("version")));
    }
    consumer.cargo(&add).ok();
    (consumer, made)
}

/// A program that writes about `modules` as for the newest prost, but for `replaced` words.
fn write_prost(consumer: &Consumer, modules: &[&str], again: &str, replaced: &[(&str, &str)]) -> String {
    let (mut main, mut runs, mut printed) = (String::new(), String::new(), String::new());
    for module in modules {
        let Some(mut text) = usage(module) else { continue };
        for (from, to) in replaced {
            text = text.replace(from, to);
        }
        consumer.write(&format!("src/{module}.rs"), &text);
        main += &format!("mod {module};\n");
        runs += &format!("    {module}::run();\n");
        printed += &format!("{module}:\n");
    }
    consumer.write("src/main.rs", &format!("#![deny(warnings)]\n\n{main}\n{again}\nfn main() {{\n{runs}}}\n"));
    printed
}

/// The first words of the lines.
fn first_words(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.split(' ').next().unwrap_or_default())).collect()
}

const ENCODED: &str = "/// Encodes and decodes.
fn again<M: prost::Message + Default + PartialEq>(message: M) -> M {
    let copy = M::decode(&message.encode_to_vec()[..]).unwrap();
    assert!(copy == message);
    copy
}
";

const AS_JSON: &str = "/// Writes JSON and reads it.
fn again<M: serde::Serialize + serde::de::DeserializeOwned + PartialEq>(message: M) -> M {
    let copy = serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap();
    assert!(copy == message);
    copy
}
";

#[test]
fn earlier_lines_of_prost_compile_and_run() {
    let registry = Registry::start();
    push(&registry);
    for (version, requirement) in [("v0.4.0", "0.13"), ("v0.3.1", "0.12")] {
        let (consumer, made) = consumer(&registry, &format!("community/neoeinstein-prost:{version}"));
        let printed = write_prost(&consumer, &made, ENCODED, &[]);
        for runtime in ["prost", "prost-types"] {
            consumer.cargo(["add", "--quiet", &format!("{runtime}@{requirement}")]).ok();
        }
        consumer.build();
        assert_eq!(first_words(&consumer.run().stdout), printed, "{version}");
    }
}

#[test]
fn messages_with_json_compile_and_run() {
    let registry = Registry::start();
    push(&registry);
    for (version, requirement) in [("v0.2.0", "0.9"), ("v0.1.0", "0.8")] {
        let (consumer, made) = consumer(&registry, &format!("local/prost-serde:{version}"));
        let other_names = [("community_neoeinstein_prost", "local_prost_serde"), ("prost_types::", "pbjson_types::")];
        let printed = write_prost(&consumer, &made, AS_JSON, &other_names);
        consumer.cargo(["add", "--quiet", &format!("pbjson-types@{requirement}")]).ok();
        for runtime in ["serde", "serde_json"] {
            consumer.add_public(runtime, "");
        }
        consumer.build();
        assert_eq!(first_words(&consumer.run().stdout), printed, "{version}");
    }
}

/// A program with a line for each crate, and `main`.
fn write_other(consumer: &Consumer, plugin: &str, modules: &[&str], main: &str) {
    let suffix = plugin.split(':').next().unwrap_or_default().replace(['/', '-'], "_");
    let uses: String = modules.iter().map(|module| format!("use edge_{module}_{suffix} as {module};\n")).collect();
    let text = std::fs::read_to_string(fixtures("consumers").join(main)).unwrap();
    consumer.write(
        "src/main.rs",
        &format!("#![deny(warnings)]\n#![allow(refining_impl_trait, unused_imports)]\n\n{uses}\n{text}"),
    );
}

/// What `tests/fixtures/consumers/buffa.rs` prints.
const BUFFA: &str = r#"bare: in
enums: -1
files: con true
split: 7
api: {"api":{"methods":[{"name":"Get"}]},"types":{"t":{"name":"T"}},"syntax":"SYNTAX_PROTO3"}
tree: [115, 97, 112]
words: fn
old: [1, 2]
shapes: 1
guests: 1 2 Some("four")
twins: true
letters: 0
cases: capital type.googleapis.com/Cases.V1.Order
"#;

/// What `tests/fixtures/consumers/connect.rs` prints.
const CONNECT: &str = "split: 11
bare: said
calls: calls.v1.EmptyHTTPService
words: self.type.v1.Extern
cases: cases.v1.Shop Cases.V1.Shop
";

#[test]
fn messages_of_buffa_compile_and_run() {
    let registry = Registry::start();
    push(&registry);
    for (version, requirement) in [("v0.9.2", "0.9"), ("v0.8.1", "0.8")] {
        let plugin = format!("anthropics/buffa:{version}");
        let (consumer, made) = consumer(&registry, &plugin);
        write_other(&consumer, &plugin, &made, "buffa.rs");
        consumer.cargo(["add", "--quiet", &format!("buffa@{requirement}")]).ok();
        for runtime in ["serde", "serde_json"] {
            consumer.add_public(runtime, "");
        }
        consumer.build();
        assert_eq!(consumer.run().stdout, BUFFA, "{version}");
    }
}

#[test]
fn services_of_connect_compile_and_run() {
    let registry = Registry::start();
    push(&registry);
    let (consumer, made) = consumer(&registry, "connectrpc/rust");
    write_other(&consumer, "connectrpc/rust", &made, "connect.rs");
    for messages in ["money", "bare", "split", "words"] {
        consumer.add(&format!("edge_{messages}_anthropics_buffa"));
    }
    consumer.add_public("connectrpc", "client,server").add_public("http", "");
    consumer.add_public("tokio", "macros,net,rt-multi-thread");
    consumer.build();
    assert_eq!(consumer.run().stdout, CONNECT);
}

#[test]
fn the_earlier_line_of_tonic_compiles() {
    let registry = Registry::start();
    push(&registry);
    let (consumer, made) = consumer(&registry, "community/neoeinstein-tonic:v0.4.1");
    let uses: String =
        made.iter().map(|module| format!("use edge_{module}_community_neoeinstein_tonic as _;\n")).collect();
    consumer.write("src/main.rs", &format!("{uses}\nfn main() {{}}\n"));
    consumer.build();
}
