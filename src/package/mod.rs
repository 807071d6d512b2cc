//! Generated files become a crate: module tree, manifest, archive, index line.
//!
//! [`package()`] is pure: the same inputs give the same bytes, on every machine. Published bytes never change, so
//! what changes them is a new revision of the plugin. [`check_clashes`] finds what could not become a crate
//! before a push is accepted.

mod archive;
mod clash;
mod connect_call;
mod descriptor_bytes;
mod error;
mod features;
mod license;
mod manifest;
mod oneof_names;
mod readme;
mod references;
mod source;
mod tree;

use std::collections::BTreeSet;

use bytes::Bytes;

pub use clash::{Clash, Declaration, check_clashes};
pub use error::PackageError;

use crate::model::{
    CommitId, CrateName, DescriptorSet, FeatureMode, Generated, Limits, Plugin, SdkVersion, Sha256Digest, Snapshot,
};
use features::Gates;
use manifest::Manifest;
use references::Code;
use source::Source;

/// What a crate is made of.
#[derive(Debug, Clone)]
pub struct CrateSpec<'a> {
    /// The crate's name; it names the module.
    pub name: CrateName,
    /// The crate's version.
    pub version: SdkVersion,
    /// The plugin that made the files.
    pub plugin: &'a Plugin,
    /// The module's files and all that they import.
    pub descriptors: &'a DescriptorSet,
    /// What the plugin made.
    pub generated: &'a Generated,
    /// The module's sources, `LICENSE` and documentation.
    pub snapshot: &'a Snapshot,
    /// The commit that the sources are.
    pub commit: CommitId,
    /// SDKs that hold types of other modules; for stubs also the one that holds the messages of this module. One
    /// per module at most. Those that the code does not refer to are left out of the crate.
    pub dependencies: &'a [SdkDependency],
    /// How features follow from packages.
    pub features: FeatureMode,
    /// The address of this registry's index as cargo writes it, `sparse+https://…/`.
    pub index_url: &'a str,
    /// The address of the module's page.
    pub module_url: &'a str,
}

/// An SDK that a crate depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkDependency {
    /// Its crate; it names the module whose types are in it.
    pub crate_name: CrateName,
    /// The version that the code was made for.
    pub version: SdkVersion,
    /// How it relates to the crate.
    pub kind: DependencyKind,
    /// The features of that version, without `default`: [`Package::features`] of when it was made, or
    /// [`features_in`] its index line.
    pub features: BTreeSet<String>,
}

/// How an SDK relates to one that depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// Made of the same commit by another plugin: exactly this commit is needed, in any revision.
    SameCommit,
    /// Made of another module: this version or a later one is needed.
    OtherModule,
}

/// A crate, ready to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The `.crate` file.
    pub crate_bytes: Bytes,
    /// Its digest, as it stands in the index line.
    pub checksum: Sha256Digest,
    /// The crate's line in the index, without a line break.
    pub index_line: String,
    /// Size of the archive before compression, in bytes.
    pub unpacked_size: u64,
    /// The files in it with their sizes in bytes, sorted by path.
    pub files: Vec<(String, u64)>,
    /// Its features without `default`; none if it is a crate of one package.
    pub features: BTreeSet<String>,
}

/// Makes a crate.
///
/// # Errors
/// When declarations clash in Rust, the generated files are no Rust, a module is referred to that no dependency
/// holds, or the crate is larger than `limits` allow.
pub fn package(spec: &CrateSpec<'_>, limits: &Limits) -> Result<Package, PackageError> {
    check_clashes(spec.descriptors, spec.name.module())?;
    let sources = source::read(spec)?;
    let gates = Gates::over(&sources, spec.features);
    let references = references::references(spec.descriptors, spec.name.module(), code(spec));
    let features = features::features(spec, &sources, &gates, &references)?;
    let license = license::detect(spec.snapshot.license().map(|file| &file.content[..]));
    let manifest = Manifest::new(spec, license, features);
    let own = Own {
        cargo_toml: manifest.cargo_toml()?,
        readme: readme::readme(spec, &sources),
        lib_rs: tree::lib_rs(&title(spec), &sources, &gates),
    };
    let entries = entries(spec, &sources, &own);
    let what = format!("crate {} {}", spec.name, spec.version);
    limits.check_sdk(&what, entries.iter().map(|(_, content)| content.len() as u64).sum())?;
    let archive = archive::tar(&format!("{}-{}", spec.name, spec.version), &entries)?;
    limits.check_sdk(&what, archive.len() as u64)?;
    let crate_bytes = Bytes::from(archive::gzip(&archive)?);
    let checksum = Sha256Digest::of(&crate_bytes);
    Ok(Package {
        index_line: manifest.index_line(checksum)?,
        unpacked_size: archive.len() as u64,
        files: entries.iter().map(|(path, content)| (path.clone(), content.len() as u64)).collect(),
        features: manifest.feature_names(),
        crate_bytes,
        checksum,
    })
}

/// The features that an index line lists, without `default`; none if the line cannot be read.
#[must_use]
pub fn features_in(index_line: &str) -> BTreeSet<String> {
    #[derive(serde::Deserialize)]
    struct Line {
        features: std::collections::BTreeMap<String, serde::de::IgnoredAny>,
    }
    let line = serde_json::from_str::<Line>(index_line);
    line.map(|line| line.features.into_keys().filter(|name| name != "default").collect()).unwrap_or_default()
}

/// Files of a crate that are written here.
struct Own {
    cargo_toml: String,
    readme: String,
    lib_rs: String,
}

/// All files of the crate, sorted by path.
fn entries<'a>(spec: &'a CrateSpec<'_>, sources: &'a [Source], own: &'a Own) -> Vec<archive::Entry<'a>> {
    let mut entries = vec![
        ("Cargo.toml".to_owned(), own.cargo_toml.as_bytes()),
        ("README.md".to_owned(), own.readme.as_bytes()),
        ("src/lib.rs".to_owned(), own.lib_rs.as_bytes()),
    ];
    if let Some(license) = spec.snapshot.license() {
        entries.push(("LICENSE".to_owned(), &license.content[..]));
    }
    entries.extend(spec.snapshot.sources().map(|file| (format!("proto/{}", file.path), &file.content[..])));
    for source in sources {
        entries.push((format!("src/{}", source.name), source.text.as_bytes()));
        let beside = source.descriptors.as_ref();
        entries.extend(beside.map(|(name, bytes)| (format!("src/{name}"), &bytes[..])));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}

/// Code that builds on another SDK of the same commit is stubs.
fn code(spec: &CrateSpec<'_>) -> Code {
    let stubs = spec.dependencies.iter().any(|dependency| dependency.kind == DependencyKind::SameCommit);
    if stubs { Code::Stubs } else { Code::Messages }
}

/// One sentence on the crate.
fn title(spec: &CrateSpec<'_>) -> String {
    format!("The Protobuf module {} for Rust, generated by {}.", spec.name.module(), spec.plugin.reference())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};
    use crate::model::{GeneratedFile, ModuleFile, Revision, RuntimeCrate};

    fn plugin() -> Plugin {
        Plugin {
            name: "acme/messages".parse().unwrap(),
            version: "v1.2.3".parse().unwrap(),
            revision: Revision(4),
            description: String::new(),
            source_url: String::new(),
            license: "MIT".into(),
            generator: "prost".into(),
            family: crate::model::Family::Prost,
            submodule: None,
            sdk: true,
            deprecated: None,
            rust_version: "1.71".into(),
            options: vec!["flat".into()],
            known_options: Vec::new(),
            runtime: vec![RuntimeCrate {
                name: "prost".into(),
                requirement: "0.14.1".into(),
                default_features: true,
                features: Vec::new(),
            }],
            dependencies: Vec::new(),
        }
    }

    fn dependency(features: &[&str]) -> SdkDependency {
        SdkDependency {
            crate_name: "acme_lib_acme_messages".parse().unwrap(),
            version: "1.2.3-20240523144506-aaaaaaaaaaaa.1".parse().unwrap(),
            kind: DependencyKind::OtherModule,
            features: features.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Packages the module `acme/app` of one file per source, each with the same generated `code`.
    fn made(
        sources: &[&str],
        code: &str,
        dependencies: &[SdkDependency],
        limits: &Limits,
    ) -> Result<Package, PackageError> {
        let paths: Vec<_> = (0..sources.len()).map(|i| format!("{i}.proto")).collect();
        let mut files = vec![("acme/lib", "lib.proto", "package lib.v1; message Money {}")];
        files.extend(paths.iter().zip(sources).map(|(path, source)| ("acme/app", path.as_str(), *source)));
        let (descriptors, plugin) = (set(&files), plugin());
        let packages = descriptors.packages_of(&module("acme/app"));
        let file =
            |package: &&str| GeneratedFile { name: format!("{package}.rs"), content: code.into(), descriptors: None };
        let generated = Generated { files: packages.iter().map(file).collect(), insertions: Vec::new() };
        let snapshot = vec![ModuleFile { path: "0.proto".parse().unwrap(), content: Bytes::from_static(b"//") }];
        let spec = CrateSpec {
            name: "acme_app_acme_messages".parse().unwrap(),
            version: "1.2.3-20240523144506-ce529d32d80c.4".parse().unwrap(),
            plugin: &plugin,
            descriptors: &descriptors,
            generated: &generated,
            snapshot: &Snapshot::new(snapshot, &Limits::default()).unwrap(),
            commit: "ce529d32d80c4d0bb2f5c9d1d7a5f001".parse().unwrap(),
            dependencies,
            features: FeatureMode::Automatic,
            index_url: "sparse+https://registry.test/gen/cargo/",
            module_url: "https://registry.test/acme/app",
        };
        package(&spec, limits)
    }

    const USER: &str = "package app.v1; import \"lib.proto\"; message Cart { lib.v1.Money sum = 1; }";
    const IMPORTER: &str = "package app.v1; import \"lib.proto\"; message Cart {}";
    const OTHER: &str = "package app.v2; message Bag {}";

    fn line(sources: &[&str], dependencies: &[SdkDependency]) -> String {
        made(sources, "", dependencies, &Limits::default()).unwrap().index_line
    }

    #[test]
    fn the_index_line_says_what_cargo_needs() {
        let package = made(&[USER], "pub struct Cart;", &[dependency(&[])], &Limits::default()).unwrap();
        assert_eq!(
            package.index_line,
            r#"{"name":"acme_app_acme_messages","vers":"1.2.3-20240523144506-ce529d32d80c.4","deps":["#.to_owned()
                + r#"{"name":"acme_lib_acme_messages","req":"^1.2.3-20240523144506-aaaaaaaaaaaa.1","features":[],"optional":false,"#
                + r#""default_features":true,"target":null,"kind":"normal","registry":null},"#
                + r#"{"name":"prost","req":"0.14.1","features":[],"optional":false,"default_features":true,"target":null,"#
                + r#""kind":"normal","registry":"https://github.com/rust-lang/crates.io-index"}],"cksum":""#
                + &package.checksum.to_string()
                + r#"","features":{},"yanked":false,"rust_version":"1.71"}"#
        );
        assert_eq!(package.checksum, Sha256Digest::of(&package.crate_bytes));
        let paths: Vec<_> = package.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["Cargo.toml", "README.md", "proto/0.proto", "src/app.v1.rs", "src/lib.rs"]);
    }

    #[test]
    fn a_dependency_is_narrowed_to_what_is_referred_to() {
        let narrowed = line(&[USER], &[dependency(&["lib.v1", "lib.v2"])]);
        assert!(narrowed.contains(r#""features":["lib.v1"],"optional":false,"default_features":false"#), "{narrowed}");
        let forwarded = line(&[USER, OTHER], &[dependency(&["lib.v1", "lib.v2"])]);
        assert!(
            forwarded
                .contains(r#""app.v1":["acme_lib_acme_messages/lib.v1"],"app.v2":[],"default":["app.v1","app.v2"]"#)
        );
        assert_eq!(features_in(&forwarded), ["app.v1", "app.v2"].map(str::to_owned).into());
    }

    #[test]
    fn an_import_alone_makes_no_dependency() {
        assert!(!line(&[IMPORTER], &[dependency(&[])]).contains("acme_lib"));
    }

    #[test]
    fn what_cannot_be_a_crate_is_refused() {
        let limits = Limits::default();
        let failed = |sources: &[&str], code, dependencies: &[_], limits: &_| {
            made(sources, code, dependencies, limits).unwrap_err()
        };
        assert!(matches!(failed(&[USER], "", &[], &limits), PackageError::NoDependency { .. }));
        assert!(
            matches!(failed(&[OTHER], "pub struct {", &[], &limits), PackageError::NotRust { file, .. } if file == "app.v2.rs")
        );
        let small = Limits { sdk: 1000, ..limits };
        let much = "// much\n".repeat(200);
        let error = failed(&[OTHER], &much, &[], &small).to_string();
        assert!(error.contains("crate acme_app_acme_messages") && error.contains("--max-sdk-bytes"), "{error}");
        let twins = ["package a; message B { message C {} }", "package a.b; message D {}"];
        assert!(matches!(failed(&twins, "", &[], &limits), PackageError::Clash(_)));
    }

    #[test]
    fn a_comment_with_a_bare_return_is_still_rust() {
        let package = made(&[OTHER], "/// one \r two\r\npub struct Bag;\r\n", &[], &Limits::default()).unwrap();
        assert!(package.files.iter().any(|(path, size)| path == "src/app.v2.rs" && *size == 30));
    }
}
