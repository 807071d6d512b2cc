//! A crate with reused parts, and a crate that is made in parts, are byte for byte the crate that is made anew at once:
//! on all edge cases, googleapis-common-protos and a few large packages, as one module.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use registry::compile::{Role, Source, compile};
use registry::generate::{Bounds, ExternCrate, Plan, Request, generate};
use registry::model::{
    CommitId, DescriptorSet, FeatureMode, GeneratedFile, Limits, ModuleFile, ModuleName, Plugin, SdkVersion, Snapshot,
};
use registry::package::{CrateSpec, DependencyKind, Package, PartBuilder, PreviousCrate, SdkDependency, package};

use crate::sdks::edge_modules::{crate_name, files_in, module_name, plugin};
use crate::support::googleapis;

/// The module's directory name in the vocabulary of `sdk`.
const MODULE: &str = "everything";

/// The plugins whose work is divided.
const PLUGINS: [&str; 2] = ["community/neoeinstein-prost", "community/neoeinstein-tonic"];

type Files = BTreeMap<String, String>;

fn module() -> ModuleName {
    module_name(MODULE)
}

/// Edge cases, googleapis-common-protos, and packages that are long enough for the module to count as large, and its
/// crates too; stubs hold the comments on services alone.
fn files() -> Files {
    let mut files = Files::new();
    let edge = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/edge");
    let modules = std::fs::read_dir(edge).unwrap().map(|entry| entry.unwrap().path());
    // Tonic refuses `generic`.
    for root in modules.filter(|path| !path.ends_with("generic")).chain([googleapis()]) {
        for path in files_in(&root).into_iter().filter(|path| path.ends_with(".proto")) {
            files.insert(path.clone(), std::fs::read_to_string(root.join(path)).unwrap());
        }
    }
    for n in 0..4 {
        let words: String = (0..30_000)
            .map(|i| {
                // Several to a line: the lines of a comment are counted.
                let end = if i % 5 == 0 { "\n// " } else { " " };
                format!("{n} {:x}{end}", i * 2_654_435_761_u64 + n)
            })
            .collect();
        let words = format!("// {words}\n");
        let source = format!(
            "syntax = \"proto3\";\npackage bulk.v{n};\nimport \"google/type/money.proto\";\n{words}message Bulk {{\n  \
             google.type.Money price = 1;\n}}\n{words}{words}{words}service Bulks {{\n  rpc Take(Bulk) returns (Bulk);\n}}\n"
        );
        files.insert(format!("bulk/v{n}/bulk.proto"), source);
    }
    files
}

fn snapshot(files: &Files) -> Snapshot {
    let file =
        |(path, text): (&String, &String)| ModuleFile { path: path.parse().unwrap(), content: text.clone().into() };
    Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap()
}

fn descriptors(snapshot: &Snapshot) -> DescriptorSet {
    let module = module();
    let source = Source { module: &module, snapshot, role: Role::Content };
    compile(&[source], &Limits::default()).unwrap().descriptors.closure(&module)
}

/// For stubs: where the messages of the module are.
fn externs(plugin: &Plugin) -> Vec<ExternCrate> {
    let lib_name =
        |messages: &registry::model::PluginRef| crate_name(MODULE, &self::plugin(&messages.to_string())).lib_name();
    plugin
        .dependencies
        .iter()
        .map(|it| ExternCrate { module: module(), lib_name: lib_name(it), numbered: None })
        .collect()
}

fn version(plugin: &Plugin, commit: u8) -> SdkVersion {
    SdkVersion::new(plugin.version, plugin.revision, CommitId::from_bytes([commit; 16]), None)
}

/// A crate, and how much of it was taken over from `before`.
fn made(files: &Files, plugin: &Plugin, commit: u8, before: Option<&Package>) -> (Package, usize) {
    let (module, snapshot) = (module(), snapshot(files));
    let descriptors = descriptors(&snapshot);
    let externs = externs(plugin);
    let request = Request { descriptors: &descriptors, module: &module, externs: &externs, options: &plugin.options };
    let reusable =
        before.map(|it| PreviousCrate::new(it.reuse_index.as_ref().unwrap(), it.crate_bytes.clone()).unwrap());
    let mut parts = PartBuilder::new(plugin, &descriptors, &module);
    let mut plan = Plan::new(plugin, &request).unwrap();
    let (mut found, mut known) = (vec![], HashSet::new());
    for fingerprint in plan.fingerprints().unwrap() {
        match reusable.as_ref().and_then(|it| parts.reuse(it, fingerprint.digest)) {
            Some(part) => {
                known.insert(fingerprint.modules);
                found.push(part);
            }
            None => parts.expect(fingerprint.modules, fingerprint.digest),
        }
    }
    plan.leave_out(&known);
    let rest = plan.run(&Bounds::none(), |modules, generated| parts.build(modules, generated).unwrap()).unwrap();
    found.extend(rest.into_iter().flatten());
    let messages = plugin.dependencies.iter().map(|it| self::plugin(&it.to_string()));
    let dependencies: Vec<_> = messages
        .map(|messages| SdkDependency {
            crate_name: crate_name(MODULE, &messages),
            version: version(&messages, commit),
            kind: DependencyKind::SameCommit,
            features: ["google.type".to_owned()].into(),
        })
        .collect();
    let spec = CrateSpec {
        name: crate_name(MODULE, plugin),
        version: version(plugin, commit),
        plugin,
        descriptors: &descriptors,
        parts: &found,
        reusable: reusable.as_ref(),
        snapshot: &snapshot,
        commit: CommitId::from_bytes([commit; 16]),
        dependencies: &dependencies,
        features: FeatureMode::Automatic,
        index_url: "sparse+https://registry.test/gen/cargo/",
        module_url: "https://registry.test/edge/everything",
    };
    (package(&spec, &Limits::default()).unwrap(), known.len())
}

/// What is changed, and how many Rust modules of the prost and the tonic plugin have to be made anew for it.
type Change = (&'static str, fn(&mut Files), [usize; 2]);

fn replace(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    *text = text.replace(from, to);
}

const CHANGES: [Change; 7] = [
    ("nothing", |_| {}, [0, 0]),
    ("a comment", |files| replace(files, "bulk/v1/bulk.proto", "message Bulk", "// More.\nmessage Bulk"), [1, 1]),
    (
        "a comment that others import",
        |files| replace(files, "google/type/money.proto", "message Money", "// More.\nmessage Money"),
        [1, 1],
    ),
    ("a field", |files| replace(files, "bulk/v1/bulk.proto", "price = 1;", "price = 1;\n  int32 more = 2;"), [1, 1]),
    (
        "a new file",
        |files| {
            drop(files.insert("new.proto".into(), "syntax = \"proto3\";\npackage brand.new;\nmessage New {}\n".into()))
        },
        [1, 1],
    ),
    ("a file less", |files| drop(files.remove("bulk/v2/bulk.proto")), [0, 0]),
    // The package itself, and those that import it.
    (
        "a type that others refer to",
        |files| {
            replace(files, "google/type/money.proto", "message Money", "message Cash");
            for path in ["bulk/v0/bulk.proto", "bulk/v1/bulk.proto", "bulk/v2/bulk.proto", "bulk/v3/bulk.proto"] {
                replace(files, path, "google.type.Money", "google.type.Cash");
            }
        },
        [5, 5],
    ),
];

#[test]
fn a_crate_with_parts_of_the_last_one_has_the_bytes_of_a_cold_build() {
    let base = files();
    for (index, plugin) in PLUGINS.map(plugin).iter().enumerate() {
        let (before, taken) = made(&base, plugin, 1, None);
        assert_eq!(taken, 0);
        let units = registry_units(&before);
        for (what, change, anew) in CHANGES {
            let mut files = base.clone();
            change(&mut files);
            let (cold, _) = made(&files, plugin, 2, None);
            let (warm, taken) = made(&files, plugin, 2, Some(&before));
            assert!(cold == warm, "{what}: the bytes of {} differ", plugin.reference());
            let all = registry_units(&warm);
            assert_eq!(all - taken, anew[index], "{what}: made anew by {} of {units}", plugin.reference());
            let (again, taken) = made(&files, plugin, 2, Some(&warm));
            assert!(again == cold && taken == all, "{what}: taken over twice by {}", plugin.reference());
        }
    }
}

/// How many Rust modules a reuse index knows.
fn registry_units(package: &Package) -> usize {
    let index: serde_json::Value = serde_json::from_slice(package.reuse_index.as_ref().unwrap()).unwrap();
    index["parts"].as_object().unwrap().len()
}

#[test]
fn a_reuse_index_of_another_crate_is_no_help_and_no_harm() {
    let (files, prost, tonic) = (files(), plugin(PLUGINS[0]), plugin(PLUGINS[1]));
    let (other, _) = made(&files, &prost, 1, None);
    let (cold, _) = made(&files, &tonic, 1, None);
    let (made, taken) = made(&files, &tonic, 1, Some(&other));
    assert!(made == cold && taken == 0);
    assert!(PreviousCrate::new(b"{}", other.crate_bytes.clone()).is_none());
    assert!(PreviousCrate::new(other.reuse_index.as_ref().unwrap(), other.crate_bytes.slice(..1000)).is_none());
}

#[test]
fn packages_made_one_by_one_are_those_made_at_once() {
    let (module, snapshot) = (module(), snapshot(&files()));
    let descriptors = descriptors(&snapshot);
    for plugin in PLUGINS.map(plugin) {
        let externs = externs(&plugin);
        let request =
            Request { descriptors: &descriptors, module: &module, externs: &externs, options: &plugin.options };
        let at_once = generate(&plugin, &request).unwrap().files;
        let all: Vec<_> = Plan::new(&plugin, &request).unwrap().fingerprints().unwrap();
        let all: Vec<_> = all.into_iter().map(|fingerprint| fingerprint.modules).collect();
        let mut one_by_one: Vec<GeneratedFile> = vec![];
        for unit in &all {
            let mut plan = Plan::new(&plugin, &request).unwrap();
            plan.leave_out(&all.iter().filter(|other| *other != unit).cloned().collect());
            one_by_one.extend(plan.run(&Bounds::none(), |_, made| made.files).unwrap().into_iter().flatten());
        }
        one_by_one.sort_by(|one, other| one.name.cmp(&other.name));
        assert!(at_once == one_by_one, "{}", plugin.reference());
    }
}
