//! Schemas at the edges of what Rust can express: each becomes crates that compile without a warning, run, and are
//! clean to document.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{Consumer, Module, Registry, run};

/// Those of `tests/fixtures/edge` that prost and tonic make crates of; `sdk` has the others.
pub(crate) const MODULES: [&str; 21] = [
    "api",
    "bare",
    "calls",
    "cases",
    "digits",
    "enums",
    "files",
    "functions",
    "generic",
    "guests",
    "hidden",
    "letters",
    "money",
    "namesakes",
    "old",
    "selves",
    "shapes",
    "split",
    "tree",
    "twins",
    "words",
];

/// Those of [`MODULES`] that declare no service, so that stubs are made of them only for whoever asks.
const WITHOUT_SERVICES: [&str; 6] = ["api", "enums", "functions", "old", "shapes", "tree"];

/// What the consumer `tests/fixtures/consumers/edges` prints.
const PRINTED: &str = r#"bare: Dark 1
enums: Some(Below) 1
files: aux default lib main nul tonic con
split: Up 8
tree: b"sap" 2
words: Self_ 1
old: here 18446744073709551615 noted
shapes: At(Timestamp { seconds: 5, nanos: 0 }) {-2: 0.5} true line
twins: true
hidden: 1
namesakes: kind 2
guests: 1 2 3 four
digits: four inf
cases: small capital
descriptors: Till EmptyHTTPService
calls: 3 paid, 3, [9, 1], Some(())
words stubs: 3 moved
bare stubs: said
split stubs: 11
money stubs: 12
files stubs: got
selves stubs: true
twins stubs: true
"#;

pub(crate) fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Copies a directory; symbolic links do not occur.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// All modules of `tests/fixtures/edge` as one workspace.
fn workspace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&fixtures("edge"), directory.path());
    let modules = MODULES.map(|name| format!("  - path: {name}\n    name: localhost/edge/{name}\n"));
    let text = format!("version: v2\nmodules:\n{}", modules.concat());
    std::fs::write(directory.path().join("buf.yaml"), text).unwrap();
    directory
}

/// Pushes all modules at once; the crates that were made.
pub(crate) fn push(registry: &Registry) -> Vec<String> {
    let directory = workspace();
    let reply = run(registry.command().arg("push").arg(directory.path()).args(["--create", "--json"])).ok();
    let modules = reply.json()["modules"].as_array().unwrap().clone();
    let sdks = modules.iter().flat_map(|module| module["sdks"].as_array().unwrap());
    let names: Vec<_> = sdks
        .map(|sdk| {
            assert_eq!(sdk["state"], "served", "{sdk}");
            sdk["crate"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names.len(), 2 * MODULES.len() - WITHOUT_SERVICES.len(), "prost and tonic of each module:\n{reply}");
    // Who asks for stubs of a module without a service gets a crate without any.
    let asked = WITHOUT_SERVICES.map(|module| {
        let module = format!("edge/{module}");
        let plugin = "community/neoeinstein-tonic";
        let sdk = registry.cli(["sdk", "generate", &module, "--plugin", plugin, "--json"]).ok().json();
        sdk["crate"].as_str().unwrap().to_owned()
    });
    names.into_iter().chain(asked).collect()
}

/// A project that uses all crates.
fn consumer(registry: &Registry, edition: &str, crates: &[String]) -> Consumer {
    let consumer = Consumer::of_edition(registry, edition);
    copy(&fixtures("consumers/edges"), &consumer.path("src"));
    let add = ["add", "--quiet", "--registry", "buf"];
    consumer.cargo(add.into_iter().chain(crates.iter().map(String::as_str))).ok();
    consumer.add_public("prost", "").add_public("prost-types", "").add_public("tonic", "");
    consumer.add_public("tokio", "macros,net,rt-multi-thread");
    // Without its features, so that all consumers share what is compiled beneath tonic.
    consumer.cargo(["add", "--quiet", "tokio-stream", "--no-default-features"]).ok();
    consumer
}

#[test]
fn every_edge_compiles_runs_and_documents_itself() {
    let registry = Registry::start();
    let crates = push(&registry);
    for edition in ["2021", "2024"] {
        let consumer = consumer(&registry, edition, &crates);
        consumer.build();
        assert_eq!(consumer.run().stdout, PRINTED, "edition {edition}");
        if edition == "2024" {
            tests_of_a_crate_run_no_examples(&consumer);
            crates_are_clean_as_members(&registry, &consumer);
        }
    }
}

/// The comments of `shapes` hold code blocks that do not compile.
fn tests_of_a_crate_run_no_examples(consumer: &Consumer) {
    let tested = consumer.cargo(["test", "-p", "edge_shapes_community_neoeinstein-prost"]).ok();
    assert!(tested.stdout.contains("running 0 tests") && !tested.stderr.contains("Doc-tests"), "{tested}");
}

/// Cargo hides the warnings of dependencies, so the crates are taken apart and become one's own.
fn crates_are_clean_as_members(registry: &Registry, consumer: &Consumer) {
    let members = Consumer::new(registry);
    for source in std::fs::read_dir(consumer.path("home/registry/src")).unwrap() {
        copy(&source.unwrap().path(), &members.path("members"));
    }
    let count = std::fs::read_dir(members.path("members")).unwrap().count();
    assert_eq!(count, 2 * MODULES.len());
    members.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"members/*\"]\n");
    let checked = members.cargo(["check", "--quiet"]).ok();
    assert!(!checked.stderr.contains("warning"), "warnings:\n{checked}");
    run(members.command().args(["doc", "--quiet", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings")).ok();
}

/// Pushes a directory of `tests/fixtures/refused`.
fn refused(registry: &Registry, name: &str, expected: &str) {
    let module = format!("edge/{name}");
    let directory = fixtures("refused").join(name);
    run(registry.command().arg("push").arg(directory).args(["--create", "--module", &module])).refused().says(expected);
    // What `--create` made for the push is gone, too.
    registry.cli(["sdk", "list", &module]).refused().says("is not in this registry");
}

#[test]
fn values_that_are_one_are_refused_as_by_buf() {
    let registry = Registry::start();
    refused(&registry, "values", "values/v1/mode.proto:7:3: enum values MODE_FAST and FAST are the same");
    // The server goes on.
    Module::new("edge/enums").file("a.proto", "syntax = \"proto3\";\nmessage A {}\n").push(&registry);
}

#[test]
fn what_would_collide_in_rust_is_told_apart_and_the_readme_says_how() {
    let registry = Registry::start();
    push(&registry);
    let name = "edge_namesakes_community_neoeinstein-prost";
    let consumer = Consumer::new(&registry);
    consumer.add(name).cargo(["fetch", "--quiet"]).ok();
    let mut sources = std::fs::read_dir(consumer.path("home/registry/src")).unwrap();
    let source = std::fs::read_dir(sources.next().unwrap().unwrap().path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(source.join("README.md")).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("behind its name")).collect();
    assert_eq!(
        lines,
        [
            "- message `namesakes.v1.AS3935_config` has `2` behind its name in Rust",
            "- the module of message `namesakes.v1.Cluster` has `_2` behind its name in Rust",
            "- field `namesakes.v2.Fields.A_b` has `2` behind its name in Rust",
            "- field `namesakes.v2.Fields.foo_bar` has `2` behind its name in Rust",
            "- value `namesakes.v3.ONE` has `2` behind its name in Rust",
            "- message `namesakes.v3.Foo_bar` has `2` behind its name in Rust",
            "- message `namesakes.v3.Foo_bar.In` has `2` behind its name in Rust",
        ]
    );
}
