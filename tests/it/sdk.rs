//! Makes crates of the modules in `tests/fixtures/edge/`, without a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message as _;
use prost_types::FileDescriptorProto;
use protox::file::{ChainFileResolver, GoogleFileResolver, IncludeFileResolver};
use registry::generate::{Catalogue, ExternCrate, Request, generate};
use registry::model::{
    CommitId, CrateName, DescriptorFile, DescriptorSet, FileOrigin, Limits, ModuleFile, ModuleName, Plugin, SdkVersion,
    Snapshot, Timestamp,
};
use registry::package::{CrateSpec, DependencyKind, Package, SdkDependency, package};

/// A module of the fixtures with the modules that it imports from.
pub(crate) struct Module {
    /// Its directory, and the second part of its name.
    pub(crate) name: &'static str,
    /// Directories of its dependencies.
    pub(crate) deps: &'static [&'static str],
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

fn files(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    files_below(&directory(name), &directory(name), &mut found);
    found
}

fn compile(module: &Module) -> DescriptorSet {
    let modules: Vec<&str> = [module.name].into_iter().chain(module.deps.iter().copied()).collect();
    let mut resolver = ChainFileResolver::new();
    for name in &modules {
        resolver.add(IncludeFileResolver::new(directory(name)));
    }
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for path in files(module.name).iter().filter(|path| path.ends_with(".proto")) {
        compiler.open_file(path).unwrap_or_else(|e| panic!("{e:?}"));
    }
    let home = |path: &str| modules.iter().find(|name| directory(name).join(path).exists());
    let pool = compiler.descriptor_pool();
    let compiled = compiler.files().map(|file| {
        let encoded = pool.get_file_by_name(file.name()).unwrap().encode_to_vec();
        DescriptorFile {
            origin: home(file.name()).map_or(FileOrigin::WellKnown, |name| FileOrigin::Module(module_name(name))),
            proto: Arc::new(FileDescriptorProto::decode(&encoded[..]).unwrap()),
            encoded: encoded.into(),
        }
    });
    DescriptorSet { files: compiled.collect() }
}

fn snapshot(name: &str) -> Snapshot {
    let file = |path: String| ModuleFile {
        content: std::fs::read(directory(name).join(&path)).unwrap().into(),
        path: path.parse().unwrap(),
    };
    Snapshot::new(files(name).into_iter().map(file).collect(), &Limits::default()).unwrap()
}

/// The plugin with this short name.
pub(crate) fn plugin(name: &str) -> Plugin {
    let reference = format!("community/neoeinstein-{name}").parse().unwrap();
    Catalogue::embedded().unwrap().find(&reference).unwrap().clone()
}

/// The crate of a module and a plugin.
pub(crate) fn crate_name(module: &str, plugin: &str) -> CrateName {
    format!("edge_{module}_community_neoeinstein-{plugin}").parse().unwrap()
}

/// Makes the crate of `module` and the plugin called `short`. `features` tells the features of messages crates that
/// were made before.
pub(crate) fn make(module: &Module, short: &str, features: &dyn Fn(&str) -> Package) -> Package {
    let (plugin, name, descriptors) = (plugin(short), module_name(module.name), compile(module));
    let commit: CommitId = "ce529d32d80c4d0bb2f5c9d1d7a5f001".parse().unwrap();
    let time = Timestamp::from_micros(1_716_475_506_000_000);
    let version = SdkVersion::new(plugin.version, plugin.revision, commit, Some(time));
    let dependency = |of: &str, kind| SdkDependency {
        crate_name: crate_name(of, "prost"),
        version: version.clone(),
        kind,
        features: features(of).features,
    };
    let mut dependencies: Vec<_> = module.deps.iter().map(|dep| dependency(dep, DependencyKind::OtherModule)).collect();
    if short == "tonic" {
        dependencies.push(dependency(module.name, DependencyKind::SameCommit));
    }
    let externs: Vec<_> = dependencies
        .iter()
        .map(|d| ExternCrate { module: d.crate_name.module().clone(), lib_name: d.crate_name.lib_name() })
        .collect();
    let request = Request { descriptors: &descriptors, module: &name, externs: &externs, options: &plugin.options };
    let spec = CrateSpec {
        name: crate_name(module.name, short),
        version: version.clone(),
        plugin: &plugin,
        descriptors: &descriptors,
        generated: &generate(&plugin, &request).unwrap_or_else(|e| panic!("{} {short}: {e}", module.name)),
        snapshot: &snapshot(module.name),
        commit,
        dependencies: &dependencies,
        index_url: "sparse+https://registry.test/gen/cargo/",
        module_url: &format!("https://registry.test/edge/{}", module.name),
    };
    package(&spec, &Limits::default()).unwrap_or_else(|e| panic!("{} {short}: {e}", module.name))
}
