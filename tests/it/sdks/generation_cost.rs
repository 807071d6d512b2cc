//! What generating takes in memory is known before: the estimate is never below what is measured, for every plugin of
//! the catalogue and every kind of source, and not far above it. A plugin whose rates are not measured fails here.
//!
//! The versions of a plugin share its rates, so the newest speaks for all. `make bombs` measures each.

use std::collections::BTreeMap;

use base64::Engine as _;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use registry::generate::Catalogue;
use registry::model::{Family, Plugin};
use serde_json::json;

use crate::support::{Module, Post, Registry};

/// The estimates of a plugin, over all kinds of sources, are together at most so many times what was measured.
const FAR_ABOVE: u64 = 6;

/// A kind of source: its name, and its text in a size.
type Kind = (&'static str, fn(usize) -> String);

fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// What a language has that costs, each in many.
const KINDS: [Kind; 16] = [
    ("messages", |n| each(n * 250, |at| format!("message M{at} {{}}\n"))),
    ("fields", |n| format!("message M {{ {} }}", each(n * 500, |at| format!("int32 f{at} = {};\n", 20_000 + at)))),
    ("optional", |n| {
        format!("message M {{ {} }}", each(n * 400, |at| format!("optional string f{at} = {};\n", 20_000 + at)))
    }),
    ("references", |n| {
        each(n * 25, |at| {
            format!("message M{at} {{ {} }}", each(20, |f| format!("repeated M{at} f{f} = {};\n", f + 1)))
        })
    }),
    ("maps", |n| {
        format!("message M {{ {} }}", each(n * 100, |at| format!("map<string, M> f{at} = {};\n", 20_000 + at)))
    }),
    ("oneofs", |n| each(n * 90, |at| format!("message M{at} {{ oneof o {{ int32 a = 1; M{at} b = 2; }} }}\n"))),
    ("enums", |n| each(n * 180, |at| format!("enum E{at} {{ Z{at} = 0; }}\n"))),
    ("values", |n| each(n, |at| format!("enum E{at} {{ {} }}\n", each(600, |v| format!("V{at}_{v} = {v};"))))),
    ("services", |n| format!("message M {{}} {}", each(n * 15, |at| format!("service S{at} {{}}\n")))),
    ("stubs", |n| {
        format!("message M {{}} {}", each(n * 15, |at| format!("service S{at} {{ rpc R(M) returns (M); }}\n")))
    }),
    ("methods", |n| {
        let method = |at| format!("rpc R{at}(stream M) returns (stream M);\n");
        format!("message M {{}} service Pets {{ {} }}", each(n * 40, method))
    }),
    ("lines", |n| format!("{}message M {{}}", "//\n".repeat(n * 6000))),
    ("comments", |n| {
        let comment = format!("// {}\n", "word ".repeat(15)).repeat(5);
        let method = |at| format!("{comment}rpc R{at}(M) returns (M);\n");
        format!("{comment}message M {{}} service Pets {{ {} }}", each(n * 20, method))
    }),
    ("long-names", |n| each(n * 6, |at| format!("message {}{at} {{ int32 a = 1; }}\n", "N".repeat(800)))),
    ("nested", |n| {
        let nested = |at| format!("message {}{at} {{", "N".repeat(28)).repeat(25) + "int32 a = 1;" + &"}".repeat(25);
        each(n * 6, nested)
    }),
    ("options", |n| {
        let field = |at| {
            format!("int32 f{at} = {} [deprecated = true, json_name = \"{}{at}\"];\n", 20_000 + at, "x".repeat(60))
        };
        format!("message M {{ {} }}", each(n * 300, field))
    }),
];

/// What one process was expected to take, and took.
#[derive(Debug, Clone, Copy)]
struct Measured {
    expected: u64,
    memory: u64,
}

/// A registry that has no memory of its own for anything.
fn registry(eager: &[&Plugin]) -> Registry {
    let eager: Vec<_> = eager.iter().map(|plugin| plugin.reference().to_string()).collect();
    Registry::with(|options| {
        options.flag("build-memory", "1").flag("push-wait", "300").flag("eager-plugins", &eager.join(","));
        options.flag("log-level", "debug").flag("log-format", "json");
    })
}

/// What the log says of processes that have ended, by what they did.
fn measured(registry: &Registry) -> Vec<(String, Measured)> {
    let log = registry.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let number = |line: &serde_json::Value, key: &str| line[key].as_u64();
    let of = |line: serde_json::Value| {
        let measured = Measured { expected: number(&line, "expected_bytes")?, memory: number(&line, "memory_bytes")? };
        Some((line["task"].as_str()?.to_owned(), measured))
    };
    lines.filter_map(of).collect()
}

/// Pushes one kind of source after the other, each to a module of its name.
fn push(registry: &Registry, size: usize) {
    for (kind, text) in KINDS {
        let source = format!("syntax = \"proto3\"; package p.v1;\n{}", text(size));
        let pushed = Module::new(&format!("acme/{kind}")).file("a.proto", source).push(registry);
        assert!(pushed.sdks.iter().all(|sdk| sdk.state == "served"), "{:?}", pushed.sdks);
    }
}

/// Fails for what took more than was expected of it, and for plugins of which far more is expected than they take.
#[track_caller]
fn check(measured: &[(String, Measured)], name: impl Fn(&str) -> String) {
    let mut all: BTreeMap<String, Measured> = BTreeMap::new();
    for (task, one) in measured {
        assert!(one.memory > 0 && one.expected >= one.memory, "{task}: {one:?}");
        let sum = all.entry(name(task)).or_insert(Measured { expected: 0, memory: 0 });
        *sum = Measured { expected: sum.expected + one.expected, memory: sum.memory + one.memory };
    }
    for (plugin, sum) in all {
        assert!(sum.expected <= sum.memory * FAR_ABOVE, "{plugin}: {sum:?}");
    }
}

/// The plugins whose memory is measured.
fn measured_plugins(catalogue: &Catalogue) -> impl Iterator<Item = &Plugin> {
    let all = std::env::var_os("BOMBS").is_some();
    let is_newest =
        |plugin: &&Plugin| catalogue.versions(&plugin.name).next().map(Plugin::reference) == Some(plugin.reference());
    catalogue.plugins().iter().filter(move |plugin| all || is_newest(plugin))
}

/// Whether its code is large, so that little is enough to measure it.
fn is_heavy(plugin: &Plugin) -> bool {
    (plugin.family == Family::Buffa && plugin.dependencies.is_empty()) || plugin.generator.starts_with("prost-json")
}

/// The number of kinds of sources of which the plugin makes a crate without being asked for it.
fn sources_for(plugin: &Plugin) -> usize {
    let declares = |(_, text): &&Kind| !plugin.services_only || text(1).contains("service ");
    KINDS.iter().filter(declares).count()
}

#[test]
fn a_crate_takes_no_more_than_is_expected_by_whatever_plugin() {
    let catalogue = Catalogue::embedded().unwrap();
    let sdks = measured_plugins(&catalogue).filter(|plugin| plugin.sdk);
    let (heavy, light): (Vec<_>, Vec<_>) = sdks.partition(|plugin| is_heavy(plugin));
    for (plugins, size) in [(heavy, 1), (light, 3)] {
        // Stubs need messages.
        let messages = plugins.iter().flat_map(|plugin| &plugin.dependencies);
        let messages: Vec<_> = messages.map(|reference| catalogue.find(reference).unwrap()).collect();
        let mut eager = [plugins, messages].concat();
        eager.sort_by_key(|plugin| plugin.reference());
        eager.dedup();
        let registry = registry(&eager);
        push(&registry, size);
        let measured = measured(&registry);
        assert_eq!(measured.len(), eager.iter().map(|plugin| sources_for(plugin)).sum::<usize>());
        check(&measured, |task| task.splitn(3, '_').nth(2).unwrap_or_default().to_owned());
    }
}

#[test]
fn a_request_from_outside_takes_no_more_than_is_expected_by_whatever_plugin() {
    let registry = registry(&[]);
    push(&registry, 1);
    for plugin in measured_plugins(&Catalogue::embedded().unwrap()) {
        for (kind, _) in KINDS {
            generate(&registry, plugin, kind);
        }
    }
    check(&measured(&registry), str::to_owned);
}

/// Has the module of this kind generated, with the options that make most text.
fn generate(registry: &Registry, plugin: &Plugin, kind: &str) {
    let set = registry.get(&format!("/acme/{kind}/descriptor/main")).ok().body;
    let set = FileDescriptorSet::decode(&set[..]).unwrap();
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let files: Vec<_> = set.file.iter().map(|file| encode(&file.encode_to_vec())).collect();
    let known = |name: &str| plugin.known_options.contains_key(name);
    let extra = match plugin.name.to_string().as_str() {
        "connectrpc/rust" => "buffa_module=::messages",
        "community/neoeinstein-prost-crate" => "no_features",
        "anthropics/buffa" if known("reflection") => "reflection=true",
        _ if known("file_descriptor_set") => "file_descriptor_set",
        _ => "",
    };
    let options = plugin.options.iter().map(String::as_str).chain([extra]).filter(|option| !option.is_empty());
    let reference =
        json!({ "owner": plugin.name.owner(), "name": plugin.name.name(), "version": plugin.version.to_string() });
    let request = json!({ "pluginReference": reference, "options": options.collect::<Vec<_>>() });
    let body = json!({ "image": { "file": files }, "requests": [request] });
    Post::json(registry, "buf.alpha.registry.v1alpha1.CodeGenerationService/GenerateCode", &body).send().ok();
}
