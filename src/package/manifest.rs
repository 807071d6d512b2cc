//! The manifest of a crate: `Cargo.toml` and the index line are both written from it. Cargo trusts the index and
//! compiles by the manifest, so they must never disagree.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::error::PackageError;
use super::features::Features;
use super::license::License;
use super::spec::{CrateSpec, DependencyKind, SdkDependency};
use crate::model::{FeatureMode, Sha256Digest};

/// How index lines name the registry of all runtime crates.
const CRATES_IO: &str = "https://github.com/rust-lang/crates.io-index";

/// A crate's manifest.
#[derive(Debug)]
pub(super) struct Manifest<'a> {
    spec: &'a CrateSpec<'a>,
    license: License,
    dependencies: Vec<Dependency>,
    features: BTreeMap<String, BTreeSet<String>>,
}

/// A dependency on another crate.
#[derive(Debug)]
struct Dependency {
    name: String,
    requirement: String,
    default_features: bool,
    features: Vec<String>,
    /// Whether it is in this registry, not on crates.io.
    here: bool,
}

impl<'a> Manifest<'a> {
    /// The manifest of a crate with these `features` and this `license`.
    pub(super) fn new(spec: &'a CrateSpec<'a>, license: License, features: Features) -> Self {
        let runtime = spec.plugin.runtime.iter().map(|library| Dependency {
            name: library.name.clone(),
            requirement: library.requirement.clone(),
            default_features: library.default_features,
            features: library.features.clone(),
            here: false,
        });
        let sdks = features.dependencies.into_iter().map(|(sdk, features)| Dependency {
            name: sdk.crate_name.to_string(),
            requirement: requirement(&sdk),
            // An SDK of a single package has no features today; when it gets some, all of them will be needed.
            default_features: sdk.features.is_empty(),
            features: features.into_iter().collect(),
            here: true,
        });
        let mut dependencies: Vec<_> = runtime.chain(sdks).collect();
        dependencies.sort_by(|a, b| a.name.cmp(&b.name));
        Self { spec, license, dependencies, features: features.table }
    }

    /// The names of the features, without `default`.
    pub(super) fn feature_names(&self) -> BTreeSet<String> {
        self.features.keys().filter(|name| *name != "default").cloned().collect()
    }

    /// The text of `Cargo.toml`.
    pub(super) fn cargo_toml(&self) -> Result<String, PackageError> {
        let spec = self.spec;
        let package = PackageTable {
            name: spec.name.to_string(),
            version: spec.version.to_string(),
            edition: "2021",
            rust_version: &spec.plugin.rust_version,
            description: super::spec::title(spec),
            readme: "README.md",
            repository: (!spec.module_url.is_empty()).then_some(spec.module_url),
            license: match &self.license {
                License::Spdx(id) => Some(id),
                _ => None,
            },
            license_file: (self.license == License::File).then_some("LICENSE"),
            build: false,
            autobins: false,
            autoexamples: false,
            autotests: false,
            autobenches: false,
            metadata: Metadata { registry: Provenance::of(spec) },
        };
        let dependencies = self.dependencies.iter().map(|d| (d.name.as_str(), self.dependency_table(d))).collect();
        let lib = LibTable { path: "src/lib.rs", doctest: false };
        let document = CargoToml { package, lib, features: &self.features, dependencies };
        toml_edit::ser::to_string_pretty(&document).map_err(|e| PackageError::Archive(e.to_string()))
    }

    fn dependency_table<'d>(&'d self, dependency: &'d Dependency) -> DependencyTable<'d> {
        DependencyTable {
            version: &dependency.requirement,
            registry_index: dependency.here.then_some(self.spec.index_url),
            default_features: (!dependency.default_features).then_some(false),
            features: &dependency.features,
        }
    }

    /// The crate's line in the index, without a line break.
    pub(super) fn index_line(&self, checksum: Sha256Digest) -> Result<String, PackageError> {
        let deps = self.dependencies.iter().map(|dependency| IndexDependency {
            name: &dependency.name,
            req: &dependency.requirement,
            features: &dependency.features,
            optional: false,
            default_features: dependency.default_features,
            target: None,
            kind: "normal",
            registry: (!dependency.here).then_some(CRATES_IO),
        });
        let line = IndexLine {
            name: self.spec.name.to_string(),
            vers: self.spec.version.to_string(),
            deps: deps.collect(),
            cksum: checksum.to_string(),
            features: &self.features,
            yanked: false,
            rust_version: &self.spec.plugin.rust_version,
        };
        serde_json::to_string(&line).map_err(|e| PackageError::IndexLine(e.to_string()))
    }
}

/// Stubs need the messages of exactly their commit; of other modules any later version will do, so that two SDKs
/// that were made at different times can meet in one program.
fn requirement(sdk: &SdkDependency) -> String {
    match sdk.kind {
        DependencyKind::SameCommit => sdk.version.same_commit_requirement(),
        DependencyKind::OtherModule => format!("^{}", sdk.version),
    }
}

#[derive(Serialize)]
struct CargoToml<'a> {
    package: PackageTable<'a>,
    lib: LibTable,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    features: &'a BTreeMap<String, BTreeSet<String>>,
    dependencies: BTreeMap<&'a str, DependencyTable<'a>>,
}

/// Edition 2021 stays: older generators do not escape the keywords of 2024. There are no targets but the library,
/// and no doctests, because the comments of a `.proto` file are no Rust.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PackageTable<'a> {
    name: String,
    version: String,
    edition: &'a str,
    rust_version: &'a str,
    description: String,
    readme: &'a str,
    repository: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_file: Option<&'a str>,
    build: bool,
    autobins: bool,
    autoexamples: bool,
    autotests: bool,
    autobenches: bool,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct LibTable {
    path: &'static str,
    doctest: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DependencyTable<'a> {
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry_index: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_features: Option<bool>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    features: &'a [String],
}

#[derive(Serialize)]
struct Metadata<'a> {
    registry: Provenance<'a>,
}

/// The origin of the crate; without a label, because labels move.
#[derive(Serialize)]
struct Provenance<'a> {
    module: String,
    commit: String,
    plugin: String,
    revision: u32,
    generator: &'a str,
    options: &'a [String],
    /// Absent without module options, as in crates from before there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<&'a str>,
}

impl<'a> Provenance<'a> {
    fn of(spec: &CrateSpec<'a>) -> Self {
        Self {
            module: spec.name.module().to_string(),
            commit: spec.commit.to_string(),
            plugin: spec.plugin.reference().to_string(),
            revision: spec.plugin.revision.0,
            generator: &spec.plugin.generator,
            options: &spec.plugin.options,
            features: (spec.features != FeatureMode::Automatic).then(|| spec.features.as_str()),
        }
    }
}

/// A line of the index, as the Cargo Book's chapter on registry indexes has it.
#[derive(Serialize)]
struct IndexLine<'a> {
    name: String,
    vers: String,
    deps: Vec<IndexDependency<'a>>,
    cksum: String,
    features: &'a BTreeMap<String, BTreeSet<String>>,
    yanked: bool,
    rust_version: &'a str,
}

#[derive(Serialize)]
struct IndexDependency<'a> {
    name: &'a str,
    req: &'a str,
    features: &'a [String],
    optional: bool,
    default_features: bool,
    target: Option<&'a str>,
    kind: &'a str,
    registry: Option<&'a str>,
}
