//! Makes crates of the modules in `tests/fixtures/edge/`, without a server.

#![allow(dead_code, reason = "`make parity` uses this too, and each needs another part")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message as _;
use prost_types::FileDescriptorProto;
use protox::file::{ChainFileResolver, GoogleFileResolver, IncludeFileResolver};
use registry::generate::{Catalogue, ExternCrate, Request, generate, own_well_known};
use registry::model::{
    CommitId, CrateName, DescriptorFile, DescriptorSet, FileOrigin, Limits, ModuleFile, ModuleName, Plugin, SdkVersion,
    Snapshot, Timestamp,
};
use registry::package::{CrateSpec, DependencyKind, Package, PartBuilder, SdkDependency, package};

/// A module of the fixtures with the modules that it imports from.
pub(crate) struct Module {
    /// Its directory, and the second part of its name.
    pub(crate) name: &'static str,
    /// Directories of its dependencies.
    pub(crate) deps: &'static [&'static str],
    /// Where its sources are, if not in the fixtures.
    pub(crate) sources: Option<PathBuf>,
}

impl Module {
    const fn edge(name: &'static str, deps: &'static [&'static str]) -> Self {
        Self { name, deps, sources: None }
    }

    fn directory(&self) -> PathBuf {
        self.sources.clone().unwrap_or_else(|| directory(self.name))
    }
}

/// The module's name in the registry.
pub(crate) fn module_name(directory: &str) -> ModuleName {
    format!("edge/{directory}").parse().unwrap()
}

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/edge").join(name)
}

fn files_below(root: &Path, inside: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(inside).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(root, &path, found);
        } else {
            found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
}

/// All files below `root`, by their paths from there, sorted.
pub(crate) fn files_in(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    files_below(root, root, &mut found);
    found
}

/// Compiles a module with those that it imports from.
pub(crate) fn compile(module: &Module) -> DescriptorSet {
    let deps = module.deps.iter().map(|name| (directory(name), *name));
    let roots: Vec<_> = [(module.directory(), module.name)].into_iter().chain(deps).collect();
    let wanted: Vec<_> = files_in(&module.directory()).into_iter().filter(|path| path.ends_with(".proto")).collect();
    compile_files(&roots, &wanted)
}

/// Compiles the files `wanted` of the modules that stand in these directories.
pub(crate) fn compile_files(roots: &[(PathBuf, &str)], wanted: &[String]) -> DescriptorSet {
    let mut resolver = ChainFileResolver::new();
    for (root, _) in roots {
        resolver.add(IncludeFileResolver::new(root.clone()));
    }
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(wanted).unwrap_or_else(|e| panic!("{e:?}"));
    let home = |path: &str| roots.iter().find(|(root, _)| root.join(path).exists()).map(|(_, name)| module_name(name));
    let pool = compiler.descriptor_pool();
    let compiled = compiler.files().map(|file| {
        let encoded = pool.get_file_by_name(file.name()).unwrap().encode_to_vec();
        DescriptorFile {
            origin: home(file.name()).map_or(FileOrigin::WellKnown, FileOrigin::Module),
            proto: Arc::new(FileDescriptorProto::decode(&encoded[..]).unwrap()),
            encoded: encoded.into(),
        }
    });
    DescriptorSet { files: compiled.collect() }
}

fn snapshot(directory: &Path) -> Snapshot {
    let file = |path: String| ModuleFile {
        content: std::fs::read(directory.join(&path)).unwrap().into(),
        path: path.parse().unwrap(),
    };
    // Public schemas stand among files that belong to no module.
    let of_module = |path: &String| path.ends_with(".proto") || ["LICENSE", "README.md"].contains(&&path[..]);
    Snapshot::new(files_in(directory).into_iter().filter(of_module).map(file).collect(), &Limits::default()).unwrap()
}

/// The modules of the fixtures; each stands behind those that it imports from.
pub(crate) const MODULES: [Module; 21] = [
    Module::edge("money", &[]),
    Module::edge("api", &[]),
    Module::edge("bare", &[]),
    Module::edge("calls", &["money"]),
    Module::edge("cases", &[]),
    Module::edge("digits", &[]),
    Module::edge("enums", &[]),
    Module::edge("files", &[]),
    Module::edge("functions", &[]),
    Module::edge("generic", &[]),
    Module::edge("hidden", &[]),
    Module::edge("letters", &[]),
    Module::edge("namesakes", &[]),
    Module::edge("guests", &["namesakes"]),
    Module::edge("old", &[]),
    Module::edge("selves", &[]),
    Module::edge("shapes", &[]),
    Module::edge("split", &["money"]),
    Module::edge("tree", &[]),
    Module::edge("twins", &[]),
    Module::edge("words", &[]),
];

/// Modules that a plugin cannot make a crate of, with the plugin's name and what it says.
const REFUSED: &[(&str, &str, &str)] = &[
    ("api", "anthropics/buffa:v0.5.2", NO_JSON),
    ("api", "anthropics/buffa:v0.6.0", NO_JSON),
    ("googleapis", "anthropics/buffa:v0.5.2", NO_JSON),
    ("googleapis", "anthropics/buffa:v0.6.0", NO_JSON),
    ("split", "anthropics/buffa:v0.5.2", SHARED),
    ("split", "anthropics/buffa:v0.6.0", SHARED),
    ("old", "anthropics/buffa:v0.5.2", "google.protobuf.FileDescriptorProto, which buffa-types does not have"),
];

/// These lines of buffa know no single types that a crate has itself.
const NO_JSON: &str = "holds google.protobuf.Api, for which buffa has no JSON";

/// Nor of a package that two crates share.
const SHARED: &str = "types of package edge.ledger are in more than one crate";

/// What `plugin`, with its version, says of `module` instead of making a crate.
pub(crate) fn refusal(module: &str, plugin: &str) -> Option<&'static str> {
    let is = |name: &str| plugin == name || plugin.split(':').next() == Some(name);
    let of = |(edge, name, _): &&(&str, &str, &str)| *edge == module && is(name);
    REFUSED.iter().find(of).map(|(_, _, text)| *text)
}

/// A crate, or the refusal.
pub(crate) type Made = Result<Package, String>;

/// The plugin that is called so, with or without a version.
pub(crate) fn plugin(reference: &str) -> Plugin {
    Catalogue::embedded().unwrap().find(&reference.parse().unwrap()).unwrap().clone()
}

/// All plugins that make crates.
pub(crate) fn plugins() -> Vec<Plugin> {
    Catalogue::embedded().unwrap().plugins().iter().filter(|plugin| plugin.sdk).cloned().collect()
}

/// The crate of a module and a plugin.
pub(crate) fn crate_name(module: &str, plugin: &Plugin) -> CrateName {
    CrateName::new(module_name(module), plugin.name.clone())
}

/// Makes the crates of all modules of the fixtures with one plugin, by module and plugin.
pub(crate) fn make_all(reference: &str) -> BTreeMap<(&'static str, String), Made> {
    make_of(&MODULES, reference)
}

/// Makes the crates of `modules`, each behind those that it imports from, with one plugin, by module and plugin.
pub(crate) fn make_of(modules: &[Module], reference: &str) -> BTreeMap<(&'static str, String), Made> {
    let plugin = plugin(reference);
    let messages = plugin.dependencies.first().map(|messages| self::plugin(&messages.to_string()));
    let mut made: BTreeMap<&str, Made> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for module in modules {
        let messages_crate = |of: &str| match (&messages, made.get(of)) {
            (None, made) => made.cloned().unwrap_or_else(|| Err("it was not made before".to_owned())),
            _ => make(modules.iter().find(|m| m.name == of).unwrap(), messages.as_ref().unwrap_or(&plugin), &|_| None),
        };
        let features = |of: &str| messages_crate(of).ok().map(|package| package.features);
        // Stubs are not made where the messages that they need are refused.
        let package = match (&messages, messages_crate(module.name)) {
            (Some(_), Err(refused)) => Err(refused),
            _ => make(module, &plugin, &features),
        };
        made.insert(module.name, package.clone());
        found.insert((module.name, plugin.reference().to_string()), package);
    }
    found
}

fn version(plugin: &Plugin) -> SdkVersion {
    let time = Timestamp::from_micros(1_716_475_506_000_000);
    SdkVersion::new(plugin.version, plugin.revision, commit(), Some(time))
}

fn commit() -> CommitId {
    "ce529d32d80c4d0bb2f5c9d1d7a5f001".parse().unwrap()
}

/// The SDKs that the code of `module` may refer to.
fn dependencies(
    module: &Module,
    plugin: &Plugin,
    features: &dyn Fn(&str) -> Option<BTreeSet<String>>,
) -> Vec<SdkDependency> {
    let messages = plugin.dependencies.first().map(|messages| self::plugin(&messages.to_string()));
    let holder = messages.as_ref().unwrap_or(plugin);
    let dependency = |of: &str, kind| SdkDependency {
        crate_name: crate_name(of, holder),
        version: version(holder),
        kind,
        features: features(of).unwrap_or_default(),
    };
    let mut found: Vec<_> = module.deps.iter().map(|dep| dependency(dep, DependencyKind::OtherModule)).collect();
    if messages.is_some() {
        found.push(dependency(module.name, DependencyKind::SameCommit));
    }
    found
}

/// Makes the crate of `module` and `plugin`. `features` tells those of messages crates that were made before.
pub(crate) fn make(module: &Module, plugin: &Plugin, features: &dyn Fn(&str) -> Option<BTreeSet<String>>) -> Made {
    let name = module_name(module.name);
    let descriptors = own_well_known(plugin, &compile(module), &name);
    let dependencies = dependencies(module, plugin, features);
    let externs: Vec<_> = dependencies
        .iter()
        .map(|d| ExternCrate {
            module: d.crate_name.module().clone(),
            lib_name: d.crate_name.lib_name(),
            numbered: None,
        })
        .collect();
    let request = Request { descriptors: &descriptors, module: &name, externs: &externs, options: &plugin.options };
    let generated = generate(plugin, &request).map_err(|e| e.to_string())?;
    let parts = PartBuilder::new(plugin, &descriptors, &name).build(&[], generated).map_err(|e| e.to_string())?;
    let spec = CrateSpec {
        name: crate_name(module.name, plugin),
        version: version(plugin),
        plugin,
        descriptors: &descriptors,
        parts: &parts,
        reusable: None,
        snapshot: &snapshot(&module.directory()),
        commit: commit(),
        dependencies: &dependencies,
        features: registry::model::FeatureMode::Automatic,
        index_url: "sparse+https://registry.test/gen/cargo/",
        module_url: &format!("https://registry.test/edge/{}", module.name),
    };
    package(&spec, &Limits::default()).map_err(|e| e.to_string())
}
