//! Generated files become a crate: module tree, manifest, archive, index line.
//!
//! [`package()`] is pure: the same inputs give the same bytes, on every machine. Published bytes never change, so a
//! change of the output is a new revision of the plugin.

mod archive;
mod duplicates;
mod error;
mod features;
mod function_bodies;
mod generated_source;
mod license;
mod manifest;
mod module_tree;
mod part;
mod part_builder;
mod readme;
mod recursion_limit;
mod rewrite;
mod rust_items;
mod spec;
mod type_references;

use std::collections::BTreeSet;
use std::io::Read as _;

use bytes::Bytes;

pub use archive::contents::{StatedOrigin, files_in, stated_origin};
pub use archive::retime::{retimed, with_time};
pub use archive::reuse::PreviousCrate;
pub use error::PackageError;
pub use part::Part;
pub use part_builder::PartBuilder;
pub use spec::{CrateSpec, DependencyKind, SdkDependency};

use crate::model::{Limits, Sha256Digest};
use archive::reuse;

/// The most bytes of a manifest that are read.
const LARGEST_MANIFEST: u64 = 4 << 20;
use archive::write::{ArchiveLayout, Content, Entry};
use features::FeatureGates;
use generated_source::Source;
use manifest::Manifest;
use spec::{code, title};
use type_references::Code;

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
    /// The reuse index for the next crate of the module, for [`PreviousCrate`]; absent for small crates.
    pub reuse_index: Option<Vec<u8>>,
}

/// Makes a crate.
///
/// # Errors
/// When the generated files are no Rust, a module is referred to that no dependency holds, or the crate is larger
/// than `limits` allow.
pub fn package(spec: &CrateSpec<'_>, limits: &Limits) -> Result<Package, PackageError> {
    let mut sources: Vec<&Source> = spec.parts.iter().filter_map(|part| part.source.as_ref()).collect();
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    let gates = FeatureGates::over(&sources, spec.features);
    let references = type_references::references(spec.descriptors, spec.name.module(), spec.plugin.family, code(spec));
    let features = features::features(spec, &sources, &gates, &references)?;
    let license = license::detect(spec.snapshot.license().map(|file| &file.content[..]));
    let manifest = Manifest::new(spec, license, features);
    let own = [
        ("Cargo.toml", manifest.cargo_toml()?),
        ("README.md", readme::readme(spec, &sources)),
        ("src/lib.rs", module_tree::lib_rs(&title(spec), recursion_limit::recursion_limit(spec), &sources, &gates)),
    ];
    let own = own.map(|(path, text)| (path.to_owned(), Content::from(text)));
    let files = module_files(spec);
    let entries = entries(&own, &files, &sources);
    let (what, prefix) = (format!("crate {} {}", spec.name, spec.version), format!("{}-{}", spec.name, spec.version));
    let layout = ArchiveLayout::new(&prefix, &entries)?;
    limits.check_sdk(&what, layout.unpacked)?;
    let archive = layout.write()?;
    let checksum = Sha256Digest::of(&archive.bytes);
    Ok(Package {
        index_line: manifest.index_line(checksum)?,
        unpacked_size: archive.unpacked,
        files: entries.iter().map(|entry| (entry.path.clone(), entry.content.len())).collect(),
        features: manifest.feature_names(),
        reuse_index: reuse::reuse_index(spec.parts, spec.snapshot, &entries, &archive),
        crate_bytes: archive.bytes,
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

/// The repository that the manifest of a crate names: the page of its module. None if the crate cannot be read.
#[must_use]
pub fn repository_in(crate_bytes: &[u8]) -> Option<String> {
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(crate_bytes));
    for entry in archive.entries().ok()? {
        let mut entry = entry.ok()?;
        if entry.path().ok()?.components().nth(1).is_some_and(|file| file.as_os_str() == "Cargo.toml") {
            let mut text = String::new();
            entry.by_ref().take(LARGEST_MANIFEST).read_to_string(&mut text).ok()?;
            let manifest: toml_edit::DocumentMut = text.parse().ok()?;
            return Some(manifest.get("package")?.get("repository")?.as_str()?.to_owned());
        }
    }
    None
}

/// The files of the module that go into the crate: its license, and its sources, which stubs leave to the crate of
/// their messages.
fn module_files(spec: &CrateSpec<'_>) -> Vec<(String, Content)> {
    let license = spec.snapshot.license().map(|file| ("LICENSE".to_owned(), Content::Plain(file.content.clone())));
    let sources = spec.snapshot.sources().filter(|_| code(spec) == Code::Messages);
    let sources = sources.map(|(file, digest)| {
        let known = spec.reusable.and_then(|reusable| reusable.file(digest));
        (format!("proto/{}", file.path), known.unwrap_or_else(|| Content::Plain(file.content.clone())))
    });
    license.into_iter().chain(sources).collect()
}

/// All files of the crate, sorted by path.
fn entries<'a>(own: &'a [(String, Content)], files: &'a [(String, Content)], sources: &[&'a Source]) -> Vec<Entry<'a>> {
    let given = own.iter().chain(files);
    let given = given.map(|(path, content)| Entry { path: path.clone(), content, generated: false });
    let mut entries: Vec<_> = given.collect();
    for source in sources {
        let generated = |name, content| Entry { path: format!("src/{name}"), content, generated: true };
        entries.push(generated(source.name(), &source.text));
        entries.extend(source.descriptors.as_ref().map(|bytes| generated(source.descriptors_name(), bytes)));
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};
    use crate::model::{FeatureMode, Generated, GeneratedFile, ModuleFile, Plugin, Revision, RuntimeCrate, Snapshot};

    fn plugin() -> Plugin {
        Plugin {
            services_only: false,
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
            known_options: std::collections::BTreeMap::new(),
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
        let file = |package: &&str| GeneratedFile {
            name: format!("{package}.rs"),
            content: code.into(),
            descriptors: None,
            renamed: Vec::new(),
        };
        let generated = Generated { files: packages.iter().map(file).collect() };
        let app = module("acme/app");
        let parts = PartBuilder::new(&plugin, &descriptors, &app).build(&[], generated)?;
        let snapshot = vec![ModuleFile { path: "0.proto".parse().unwrap(), content: Bytes::from_static(b"//") }];
        let spec = CrateSpec {
            name: "acme_app_acme_messages".parse().unwrap(),
            version: "1.2.3-20240523144506-ce529d32d80c.4".parse().unwrap(),
            plugin: &plugin,
            descriptors: &descriptors,
            parts: &parts,
            reusable: None,
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
    }

    #[test]
    fn a_comment_with_a_bare_return_is_still_rust() {
        let package = made(&[OTHER], "/// one \r two\r\npub struct Bag;\r\n", &[], &Limits::default()).unwrap();
        assert!(package.files.iter().any(|(path, size)| path == "src/app.v2.rs" && *size == 30));
    }
}
