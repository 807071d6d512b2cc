//! Where the `.crate` files of a lock file are: in cargo's home, and in the local registries that the configuration of the
//! project puts in the place of others.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::Sha256Digest;
use crate::publish::LockedCrate;

/// Directories with `.crate` files.
pub(super) struct Places(Vec<PathBuf>);

impl Places {
    /// Those of cargo's `home`, and of the project that has this lock file.
    pub(super) fn of(lock: &Path, home: Option<&Path>) -> Self {
        let project = std::path::absolute(lock).unwrap_or_else(|_| lock.to_owned());
        let configured = project.ancestors().skip(1).map(|dir| dir.join(".cargo"));
        let configured = configured.chain(home.map(Path::to_owned)).flat_map(|dir| local_registries(&dir));
        let downloaded = home.and_then(|home| fs::read_dir(home.join("registry/cache")).ok());
        let downloaded = downloaded.into_iter().flatten().flatten().map(|registry| registry.path());
        Self(configured.chain(downloaded).collect())
    }

    /// The file of the crate, of whichever place has the bytes that are locked, or any if none has.
    pub(super) fn file_of(&self, locked: &LockedCrate) -> Option<Vec<u8>> {
        let file = format!("{}-{}.crate", locked.name, locked.version);
        let mut other = None;
        for place in &self.0 {
            if let Ok(bytes) = fs::read(place.join(&file)) {
                if Sha256Digest::of(&bytes) == locked.checksum {
                    return Some(bytes);
                }
                other = Some(bytes);
            }
        }
        other
    }
}

/// The local registries of the configuration in a directory. Relative paths begin where the directory is.
fn local_registries(dir: &Path) -> Vec<PathBuf> {
    let read = ["config.toml", "config"].iter().find_map(|name| fs::read_to_string(dir.join(name)).ok());
    let Some(Ok(document)) = read.map(|text| text.parse::<toml_edit::DocumentMut>()) else { return vec![] };
    let Some(sources) = document.get("source").and_then(|sources| sources.as_table_like()) else { return vec![] };
    let beside = dir.parent().unwrap_or(dir);
    let registry = |source: &toml_edit::Item| Some(beside.join(source.get("local-registry")?.as_str()?));
    sources.iter().filter_map(|(_, source)| registry(source)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_registries_are_those_of_the_project_and_of_all_above_it() {
        let temp = tempfile::tempdir().unwrap();
        let project = temp.path().join("work/project");
        for (dir, text) in [
            ("work/.cargo", "[source.a]\nlocal-registry = \"crates\"\n[source.b]\nreplace-with = \"a\"\n"),
            ("work/project/.cargo", "[source.a]\nlocal-registry = \"/abs\"\n"),
            ("work/project/member/.cargo", "something else ["),
        ] {
            let dir = temp.path().join(dir);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join("config.toml"), text).unwrap();
        }
        let places = Places::of(&project.join("Cargo.lock"), None);
        assert_eq!(places.0, [PathBuf::from("/abs"), temp.path().join("work/crates")]);
        assert!(Places::of(&project.join("member/Cargo.lock"), None).0.len() == 2);
    }
}
