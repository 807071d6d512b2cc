//! Facts about a published crate: its index line and its files.

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::sync::Arc;

use quick_cache::sync::Cache;
use serde::Deserialize;

use crate::model::{CrateName, Sha256Digest};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::web::page::deadline::Deadline;
use crate::store::{Sdk, Store, StoreError};

use super::feature_code::FeatureCode;

/// The most bytes of a crate that is unpacked to list its files.
const MAX_CRATE: u64 = 32 << 20;

/// The most bytes that are unpacked.
const MAX_UNPACKED: u64 = 256 << 20;

/// The most bytes of `lib.rs` that are read; one that includes ten thousand files has less.
const MAX_LIB: u64 = 2 << 20;

/// The most files that are listed.
const MAX_LISTED: usize = 500;

/// The number of lists in the cache, of a few kilobytes each.
const KEPT: usize = 256;

/// A dependency of a crate.
pub(super) struct CrateDependency {
    pub name: String,
    /// The page of its module, if it was made in this registry.
    pub href: Option<String>,
    pub requirement: String,
    pub features: String,
}

/// The facts in an index line.
#[derive(Default)]
pub(super) struct IndexFacts {
    pub needs: Vec<CrateDependency>,
    /// Its features without `default`, each with what it turns on.
    pub features: BTreeMap<String, Vec<String>>,
    pub rust_version: String,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    deps: Vec<LineNeed>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    features2: BTreeMap<String, Vec<String>>,
    rust_version: Option<String>,
}

#[derive(Deserialize)]
struct LineNeed {
    name: String,
    req: String,
    #[serde(default)]
    features: Vec<String>,
    /// The index of its registry, if it is another registry.
    registry: Option<String>,
}

/// Reads an index line; missing fields are empty.
pub(super) fn index_facts(sdk: &Sdk) -> IndexFacts {
    let Ok(line) = serde_json::from_str::<Line>(&sdk.index_line) else { return IndexFacts::default() };
    let need = |need: LineNeed| CrateDependency {
        href: own_page(&need),
        name: need.name,
        requirement: need.req,
        features: need.features.join(", "),
    };
    let mut features = line.features;
    features.extend(line.features2);
    features.remove("default");
    let needs = line.deps.into_iter().map(need).collect();
    IndexFacts { needs, features, rust_version: line.rust_version.unwrap_or_default() }
}

fn own_page(need: &LineNeed) -> Option<String> {
    let name: CrateName = need.name.parse().ok().filter(|_| need.registry.is_none())?;
    Some(format!("/{}", name.module()))
}

/// A file of a crate.
pub(super) struct CrateFile {
    pub path: String,
    pub size: String,
}

/// The first files of a crate, and the number of further files.
#[derive(Default)]
pub(super) struct Contents {
    pub files: Vec<CrateFile>,
    pub more: usize,
    /// How much code each feature is; none if that is not certain.
    pub code: Option<FeatureCode>,
}

/// A cache of the files of crates. A crate never changes, so it is unpacked once.
pub(in crate::serve) struct CrateFiles(Cache<Sha256Digest, Arc<Contents>>);

impl Default for CrateFiles {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl CrateFiles {
    /// The files of a published crate. Concurrent requests wait for the same listing.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn of(&self, store: &Store, sdk: &Sdk) -> Result<Arc<Contents>, StoreError> {
        self.0.get_or_insert_with(&sdk.checksum, || {
            let bytes = store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version)?.unwrap_or_default();
            Ok(Arc::new(Contents::read(&bytes)))
        })
    }
}

/// Whether a crate is too large to be unpacked for a page.
pub(super) fn is_too_large(crate_bytes: &[u8]) -> bool {
    crate_bytes.len() as u64 > MAX_CRATE
}

/// The content of the file at `path` in a crate, without the folder around all files; none if there is no such file.
///
/// # Errors
/// When the deadline is over, or the crate cannot be unpacked.
pub(super) fn content(crate_bytes: &[u8], path: &str, deadline: &Deadline) -> Answer<Option<Vec<u8>>> {
    let broken = |error: std::io::Error| Refusal::internal(&error);
    let unpacked = flate2::read::MultiGzDecoder::new(crate_bytes).take(MAX_UNPACKED);
    let mut archive = tar::Archive::new(unpacked);
    for entry in archive.entries().map_err(broken)? {
        deadline.check()?;
        let mut entry = entry.map_err(broken)?;
        let inside = String::from_utf8_lossy(&entry.path_bytes()).split_once('/').map(|(_, inside)| inside.to_owned());
        if inside.as_deref() == Some(path) {
            let mut content = vec![];
            entry.read_to_end(&mut content).map_err(broken)?;
            return Ok(Some(content));
        }
    }
    Ok(None)
}

impl Contents {
    fn read(crate_bytes: &[u8]) -> Self {
        let mut contents = Self::default();
        if is_too_large(crate_bytes) {
            return contents;
        }
        let unpacked = flate2::read::MultiGzDecoder::new(crate_bytes).take(MAX_UNPACKED);
        let mut archive = tar::Archive::new(unpacked);
        let Ok(entries) = archive.entries() else { return contents };
        let (mut lib_rs, mut sizes) = (String::new(), HashMap::new());
        for mut entry in entries.map_while(Result::ok) {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let path = path.split_once('/').map_or(path.clone(), |(_, inside)| inside.to_owned());
            let size = entry.size();
            if path == "src/lib.rs" && entry.by_ref().take(MAX_LIB).read_to_string(&mut lib_rs).is_err() {
                lib_rs.clear();
            }
            sizes.extend(path.strip_prefix("src/").map(|name| (name.to_owned(), size)));
            if contents.files.len() == MAX_LISTED {
                contents.more += 1;
            } else {
                contents.files.push(CrateFile { path, size: bytes(size) });
            }
        }
        contents.code = FeatureCode::read(&lib_rs, &sizes).filter(|code| !code.own.is_empty());
        contents
    }
}

/// A size as people read it.
pub(in crate::serve::web) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let (mut tenths, mut unit) = (count.saturating_mul(10) / 1000, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let said: Vec<_> = [0, 999, 1000, 1_234_567, 999_999_999, 5_000_000_000].map(bytes).into();
        assert_eq!(said, ["0 B", "999 B", "1.0 KB", "1.2 MB", "999.9 MB", "5.0 GB"]);
    }

    #[test]
    fn what_is_no_crate_has_no_files() {
        assert_eq!(Contents::read(b"no gzip").files.len(), 0);
    }
}
