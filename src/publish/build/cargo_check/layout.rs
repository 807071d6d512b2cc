//! Writes a crate and the SDKs that it depends on to directories that cargo reads: the crate as a package, the SDKs as
//! a directory source that replaces this registry's index.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path};

use serde::Deserialize;

use super::error::CheckError;
use crate::model::{CrateName, SdkVersion};
use crate::package::SdkDependency;
use crate::store::{Sdk, Store};

/// Writes the crate to `crate/` and its SDKs to `sdks/` in `directory`. Returns the SDKs that the crate depends on.
pub(super) fn lay_out(
    directory: &Path,
    store: &Store,
    crate_bytes: &[u8],
    dependencies: &[SdkDependency],
    index_url: &str,
) -> Result<BTreeSet<CrateName>, CheckError> {
    let failed = |error: std::io::Error| CheckError::NotRun(format!("could not write the crate's files: {error}"));
    let sdks = directory.join("sdks");
    unpack(crate_bytes, &directory.join("crate")).map_err(failed)?;
    fs::create_dir_all(&sdks).map_err(failed)?;
    let config = format!(
        "[source.this-registry]\nregistry = {index_url:?}\nreplace-with = \"sdks\"\n\n[source.sdks]\ndirectory = {sdks:?}\n"
    );
    let write = || {
        fs::create_dir_all(directory.join(".cargo"))?;
        fs::write(directory.join(".cargo/config.toml"), config)
    };
    write().map_err(failed)?;
    let mut names = BTreeSet::new();
    for sdk in with_dependencies(store, dependencies)? {
        let Some(bytes) = store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version)? else { continue };
        let place = sdks.join(format!("{}-{}", sdk.crate_name, sdk.version));
        unpack(&bytes, &place).map_err(failed)?;
        let checksum = format!("{{\"files\":{{}},\"package\":\"{}\"}}", sdk.checksum);
        fs::write(place.join(".cargo-checksum.json"), checksum).map_err(failed)?;
        names.insert(sdk.crate_name);
    }
    Ok(names)
}

/// The given SDKs and their transitive dependencies.
fn with_dependencies(store: &Store, given: &[SdkDependency]) -> Result<Vec<Sdk>, CheckError> {
    let mut open: Vec<_> = given.iter().map(|sdk| (sdk.crate_name.clone(), sdk.version.clone())).collect();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut found = Vec::new();
    while let Some((name, version)) = open.pop() {
        if !seen.insert((name.to_string(), version.to_string())) {
            continue;
        }
        if let Some(sdk) = store.sdk_by_version(&name, &version)? {
            open.extend(requirements(&sdk.index_line));
            found.push(sdk);
        }
    }
    Ok(found)
}

/// The SDKs that an index line requires, each in the lowest version that will do.
fn requirements(index_line: &str) -> Vec<(CrateName, SdkVersion)> {
    #[derive(Deserialize)]
    struct Line {
        deps: Vec<Dependency>,
    }
    #[derive(Deserialize)]
    struct Dependency {
        name: String,
        req: String,
        registry: Option<String>,
    }
    let lines: Option<Line> = serde_json::from_str(index_line).ok();
    let own = |dependency: Dependency| {
        let version = dependency.req.strip_prefix('^').filter(|_| dependency.registry.is_none())?;
        Some((dependency.name.parse().ok()?, version.parse().ok()?))
    };
    lines.map(|line| line.deps.into_iter().filter_map(own).collect()).unwrap_or_default()
}

/// Unpacks a `.crate` without its outermost directory.
fn unpack(crate_bytes: &[u8], to: &Path) -> std::io::Result<()> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(crate_bytes));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let inner: Vec<_> = path.components().skip(1).collect();
        if inner.is_empty() || !inner.iter().all(|part| matches!(part, Component::Normal(_))) {
            continue;
        }
        let place = to.join(inner.iter().collect::<std::path::PathBuf>());
        fs::create_dir_all(place.parent().unwrap_or(to))?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        fs::write(place, content)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_line_names_the_sdks_that_it_requires() {
        let line = r#"{"deps":[
            {"name":"acme_lib_acme_messages","req":"^1.2.3-20240523144506-aaaaaaaaaaaa.1","registry":null},
            {"name":"acme_app_acme_messages","req":">=1.2.3-20240523144506-aaaaaaaaaaaa.1, <1.2.3-20240523144506-aaaaaaaaaaaa.a","registry":null},
            {"name":"prost","req":"^0.14.1","registry":"https://github.com/rust-lang/crates.io-index"}]}"#;
        let names: Vec<_> = requirements(line).iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(names, ["acme_lib_acme_messages"]);
        assert!(requirements("").is_empty());
    }
}
