//! Reads a crate back: its files as cargo unpacks them, and what its manifest says of its origin.

use std::collections::BTreeMap;
use std::io::{self, Read as _};

use flate2::read::GzDecoder;

/// The files of a crate in the order of the archive: path below the crate's own directory, and content. As cargo, this
/// reads one gzip member.
///
/// # Errors
/// When the archive cannot be read, holds anything but files below the crate's own directory, or has more than `most`
/// bytes.
pub fn files_in(crate_bytes: &[u8], root: &str, most: u64) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut archive = tar::Archive::new(GzDecoder::new(crate_bytes).take(most));
    let mut files = vec![];
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let inside = path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/'));
        let path = inside.ok_or_else(|| io::Error::other(format!("{path} is not in {root}")))?.to_owned();
        if !entry.header().entry_type().is_file() {
            return Err(io::Error::other(format!("{path} is no file")));
        }
        let mut content = vec![];
        entry.read_to_end(&mut content)?;
        files.push((path, content));
    }
    Ok(files)
}

/// What a crate's manifest says of its origin, and that follows from nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedOrigin {
    /// The whole id of the commit.
    pub commit: String,
    /// The page of the module.
    pub module_url: String,
    /// The index of crates that it depends on; absent without any.
    pub index_url: Option<String>,
    /// What it requires of other crates, by their names.
    pub requirements: BTreeMap<String, String>,
    /// The options of the plugin.
    pub options: Vec<String>,
}

/// The origin that the text of a `Cargo.toml` states; none if it is not of a crate that this registry made.
#[must_use]
pub fn stated_origin(manifest: &str) -> Option<StatedOrigin> {
    let manifest: toml_edit::DocumentMut = manifest.parse().ok()?;
    let package = manifest.get("package")?;
    let registry = package.get("metadata")?.get("registry")?;
    let text = |item: &toml_edit::Item| item.as_str().map(str::to_owned);
    let mut origin = StatedOrigin {
        commit: text(registry.get("commit")?)?,
        module_url: text(package.get("repository")?)?,
        index_url: None,
        requirements: BTreeMap::new(),
        options: registry.get("options")?.as_array()?.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
    };
    for (name, dependency) in manifest.get("dependencies")?.as_table_like()?.iter() {
        if let Some(index) = dependency.get("registry-index") {
            origin.index_url = text(index);
        }
        origin.requirements.insert(name.to_owned(), text(dependency.get("version")?)?);
    }
    Some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(vec![], flate2::Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            builder.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn files_come_in_order_and_nothing_else_is_read() {
        let bytes = archive(&[("a-1/b", "x"), ("a-1/a", "y")]);
        let files = files_in(&bytes, "a-1", 1 << 20).unwrap();
        assert_eq!(files, [("b".to_owned(), b"x".to_vec()), ("a".to_owned(), b"y".to_vec())]);
        assert!(files_in(&bytes, "b-1", 1 << 20).is_err());
        assert!(files_in(&bytes, "a-1", 600).is_err());
        assert!(files_in(b"no archive", "a-1", 600).is_err());
    }

    #[test]
    fn a_manifest_states_its_origin() {
        let text = "[package]\nrepository = \"https://r/acme/pets\"\n[package.metadata.registry]\ncommit = \"ce\"\n\
                    options = [\"flat\"]\n[dependencies.prost]\nversion = \"0.14\"\n[dependencies.acme_a_b_c]\n\
                    version = \"^1\"\nregistry-index = \"sparse+https://r/\"\n";
        let origin = stated_origin(text).unwrap();
        assert_eq!((origin.commit.as_str(), origin.index_url.as_deref()), ("ce", Some("sparse+https://r/")));
        assert_eq!(origin.requirements["acme_a_b_c"], "^1");
        assert_eq!(origin.options, ["flat"]);
        assert_eq!(stated_origin("[package]\nname = \"other\"\n[dependencies]\n"), None);
    }
}
