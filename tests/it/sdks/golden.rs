//! The bytes of crates are an interface: a lock file holds their checksums for years. If a digest here changes, the
//! plugin's revision must change too.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use registry::package::Package;
use serde_json::Value;

use crate::sdks::edge_modules::make_all;

const PLUGINS: [(&str, &str); 2] = [("prost", "community/neoeinstein-prost"), ("tonic", "community/neoeinstein-tonic")];

/// All crates, by module and plugin.
fn crates() -> BTreeMap<(&'static str, &'static str), Package> {
    let mut made = BTreeMap::new();
    for (short, plugin) in PLUGINS {
        for ((module, _), package) in make_all(plugin) {
            // `plugins` knows which are refused.
            made.extend(package.ok().map(|package| ((module, short), package)));
        }
    }
    made
}

fn file_of(package: &Package, path: &str) -> String {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&package.crate_bytes[..]));
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut entry = entries.find(|entry| entry.path().unwrap().ends_with(path)).unwrap();
    let mut text = String::new();
    entry.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_bytes_of_a_crate_never_change() {
    let digest = |crates: &BTreeMap<_, Package>, key| crates[&key].checksum.to_string();
    let crates = crates();
    assert_eq!(digest(&crates, ("money", "prost")), "cf4b06f67d7af78037c3d4a6032dcad8056894a117b365f9c9ceb8095d4000a3");
    assert_eq!(digest(&crates, ("calls", "tonic")), "2a38d8c503d28394250257d6e8901d35e8b4a6d2518deaf0913f95b2133e63b7");
}

/// The dependencies and features of a crate, as text that can be compared.
type Said = (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>);

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn feature_table(value: &Value) -> BTreeMap<String, BTreeSet<String>> {
    value.as_object().into_iter().flatten().map(|(name, edges)| (name.clone(), strings(edges))).collect()
}

fn said_by_index(line: &Value) -> Said {
    let dependency = |dep: &Value| {
        let here = dep["registry"].is_null();
        format!("{} {} {} {:?} {here}", dep["name"], dep["req"], dep["default_features"], strings(&dep["features"]))
    };
    (line["deps"].as_array().unwrap().iter().map(dependency).collect(), feature_table(&line["features"]))
}

fn said_by_manifest(manifest: &Value) -> Said {
    let dependency = |(name, dep): (&String, &Value)| {
        let default = dep["default-features"].as_bool().unwrap_or(true);
        let here = dep["registry-index"].is_string();
        format!("{name:?} {} {default} {:?} {here}", dep["version"], strings(&dep["features"]))
    };
    (
        manifest["dependencies"].as_object().unwrap().iter().map(dependency).collect(),
        feature_table(&manifest["features"]),
    )
}

#[test]
fn manifest_and_index_line_say_the_same() {
    for ((module, plugin), package) in crates() {
        let manifest: Value = toml_edit::de::from_str(&file_of(&package, "Cargo.toml")).unwrap();
        let line: Value = serde_json::from_str(&package.index_line).unwrap();
        assert_eq!(said_by_manifest(&manifest), said_by_index(&line), "{module} {plugin}");
        assert_eq!(manifest["package"]["version"], line["vers"]);
        assert_eq!(manifest["package"]["rust-version"], line["rust_version"]);
    }
}

#[test]
fn the_readme_starts_with_a_line_that_compiles() {
    let crates = crates();
    let uses =
        |key| file_of(&crates[&key], "README.md").lines().find(|line| line.starts_with("use ")).map(str::to_owned);
    assert_eq!(
        uses(("words", "tonic")).unwrap(),
        "use edge_words_community_neoeinstein_tonic::self_::r#type::v1::tonic::extern_client::ExternClient;"
    );
    assert_eq!(uses(("bare", "prost")).unwrap(), "use edge_bare_community_neoeinstein_prost::Plain;");
    assert_eq!(uses(("enums", "tonic")), None);
}
