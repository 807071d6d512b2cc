//! Generated files become a crate: module tree, manifest, archive, index line.
//!
//! [`package()`] is pure: the same inputs give the same bytes, on every machine. Published bytes never change, so
//! what changes them is a new revision of the plugin. [`check_clashes`] finds what could not become a crate
//! before a push is accepted.

mod archive;
mod clash;
mod descriptor_bytes;
mod error;
mod features;
mod license;
mod manifest;
mod readme;
mod references;
mod source;
mod tree;

use std::collections::BTreeSet;

use bytes::Bytes;

pub use clash::{Clash, Declaration, check_clashes};
pub use error::PackageError;

use crate::model::{CommitId, CrateName, DescriptorSet, Generated, Limits, Plugin, SdkVersion, Sha256Digest, Snapshot};
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
    let gates = Gates::over(&sources);
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
