//! Proves that a crate of a lock file follows from sources that its user has, without any server and store.
//!
//! The code of a crate depends on the sources, the module options and the plugin alone. Three things follow from none of
//! these, and are taken from the crate itself: the whole id of its commit, the address of the server, and the least
//! versions of crates that it requires, whose actual versions are in the lock file. They are compared like all the rest,
//! but no proof of themselves. Options of plugins are never taken from the crate: they may add code.

use std::collections::{BTreeMap, BTreeSet};

use super::regenerate::NotRegenerated;
use crate::generate::{Catalogue, UnknownPlugin, with_module_options};
use crate::model::{CommitId, CrateName, Limits, ModuleName, Plugin, PluginRef, SdkVersion, Sha256Digest, Snapshot};
use crate::package::{Package, StatedOrigin, files_in, stated_origin, with_time};
use crate::publish::source_crates::{SourceCrateError, SourceCrates};

/// A crate as a lock file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedCrate {
    /// Its name.
    pub name: CrateName,
    /// Its version.
    pub version: SdkVersion,
    /// The checksum that cargo compares.
    pub checksum: Sha256Digest,
}

/// What came of making a crate again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceProof {
    /// The same bytes.
    SameBytes,
    /// The same files, packed by another version of the program.
    SameFiles,
    /// Another content.
    Different {
        /// The first file that is not the same.
        file: String,
        /// What may have led to it.
        hint: Option<String>,
    },
}

/// Why nothing could be said about a crate.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// The file is not the one of the lock file.
    #[error(
        "the downloaded file has checksum {0}, which is not that of the lock file; remove it and run `cargo fetch`"
    )]
    OtherFile(Sha256Digest),
    /// The crate cannot be read.
    #[error("the downloaded crate cannot be read: {0}")]
    Unreadable(String),
    /// It cannot be made from these sources.
    #[error(transparent)]
    Source(Box<SourceCrateError>),
    /// This program does not have the plugin: only the server that runs it does.
    #[error("{0}; this program can only prove what its own plugins make")]
    Plugin(#[from] UnknownPlugin),
    /// This program has another revision of the plugin.
    #[error(transparent)]
    NotMade(#[from] NotRegenerated),
}

impl Unproven {
    /// The reason, for a command that names directories with `flag`.
    #[must_use]
    pub fn without_server(&self, flag: &str) -> String {
        match self {
            Self::Source(error) => error.without_server(flag),
            error => error.to_string(),
        }
    }
}

impl From<SourceCrateError> for Unproven {
    fn from(error: SourceCrateError) -> Self {
        // Boxed, because it is larger than all the others.
        Self::Source(Box::new(error))
    }
}

/// Compares crates with those that these sources make.
pub struct SourceProver<'a> {
    crates: SourceCrates<'a>,
    /// The largest crate to read, in bytes.
    most_bytes: u64,
}

impl<'a> SourceProver<'a> {
    /// Makes crates from these sources, within these limits.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, limits: Limits, sources: BTreeMap<ModuleName, Snapshot>) -> Self {
        Self { crates: SourceCrates::new(catalogue, limits, sources), most_bytes: limits.sdk }
    }

    /// Makes the crate again and compares it with `downloaded`, the file that cargo has of it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prove(&self, locked: &LockedCrate, downloaded: &[u8]) -> Result<SourceProof, Unproven> {
        let found = Sha256Digest::of(downloaded);
        if found != locked.checksum {
            return Err(Unproven::OtherFile(found));
        }
        let root = format!("{}-{}", locked.name, locked.version);
        let read = |bytes: &[u8]| {
            files_in(bytes, &root, self.most_bytes).map_err(|error| Unproven::Unreadable(error.to_string()))
        };
        let given = read(downloaded)?;
        let origin = origin_of(&given).ok_or_else(|| Unproven::Unreadable("its manifest names no commit".into()))?;
        let plugin = self.plugin(locked)?;
        let commit = origin.commit.parse::<CommitId>().ok().filter(|commit| commit.short() == locked.version.commit);
        let commit = commit.ok_or_else(|| Unproven::Unreadable("its manifest names another commit".into()))?;
        let made = self.crates.make(&locked.name, &locked.version, commit, &plugin, &origin)?;
        if made.checksum == locked.checksum || is_stored_as(&made, locked) {
            return Ok(SourceProof::SameBytes);
        }
        let made = read(&made.crate_bytes)?;
        if made == given {
            return Ok(SourceProof::SameFiles);
        }
        Ok(SourceProof::Different { file: first_different(&given, &made), hint: self.hint(locked, &origin) })
    }

    fn plugin(&self, locked: &LockedCrate) -> Result<Plugin, Unproven> {
        let reference = PluginRef { name: locked.name.plugin().clone(), version: Some(locked.version.plugin) };
        let plugin = self.crates.catalogue().find(&reference)?;
        if plugin.revision != locked.version.revision {
            let (made_by, known) = (locked.version.revision, plugin.revision);
            return Err(NotRegenerated::OtherRevision { name: locked.name.clone(), made_by, known }.into());
        }
        Ok(plugin.clone())
    }

    /// Options that the crate says it was made with, if its sources ask for others.
    fn hint(&self, locked: &LockedCrate, origin: &StatedOrigin) -> Option<String> {
        let options = self.crates.options(locked.name.module()).ok()?;
        let asked = with_module_options(&self.plugin(locked).ok()?, &options).ok()?.options;
        (asked != origin.options).then(|| {
            format!(
                "it was made with the options {:?}, and the registry.yaml of these sources asks for {asked:?}",
                origin.options
            )
        })
    }
}

/// Whether the crate in the form that labels' views of the index have, which is not compressed, is that of the lock file.
fn is_stored_as(made: &Package, locked: &LockedCrate) -> bool {
    let stored = with_time(&made.crate_bytes, &locked.name, &locked.version, &locked.version.time);
    stored.is_ok_and(|stored| Sha256Digest::of(&stored) == locked.checksum)
}

fn origin_of(files: &[(String, Vec<u8>)]) -> Option<StatedOrigin> {
    let (_, manifest) = files.iter().find(|(path, _)| path == "Cargo.toml")?;
    stated_origin(std::str::from_utf8(manifest).ok()?)
}

/// The first file of two lists that are not the same. Sources come before what follows from them.
fn first_different(given: &[(String, Vec<u8>)], made: &[(String, Vec<u8>)]) -> String {
    let paths = given.iter().chain(made).map(|(path, _)| path.as_str());
    let mut paths: Vec<_> = paths.collect::<BTreeSet<_>>().into_iter().collect();
    paths.sort_by_key(|path| !path.starts_with("proto/"));
    let of = |files: &[(String, Vec<u8>)], path: &str| -> Vec<Vec<u8>> {
        files.iter().filter(|(other, _)| other == path).map(|(_, content)| content.clone()).collect()
    };
    let differs = paths.into_iter().find_map(|path| {
        let (given, made) = (of(given, path), of(made, path));
        let what = match (given.as_slice(), made.as_slice()) {
            (given, made) if given == made => return None,
            ([], _) => " is not in the crate",
            (_, []) => " does not follow from the sources",
            _ => " is another",
        };
        Some(format!("{path}{what}"))
    });
    differs.unwrap_or_else(|| "the order of its files is another".into())
}
