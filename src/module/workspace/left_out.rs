//! What a plain directory holds beside its sources: build output, packages of others, and what git ignores.
//!
//! Where a `buf.yaml` stands, it says what belongs, and nothing is left out, as with `buf push`. A plain directory has no
//! such file, and `buf push` takes none: there it may be the root of a project.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The file that marks directories of build output, of cargo among others: <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// The line of a manifest that marks crates that were generated here.
const GENERATED: &[u8] = b"[package.metadata.registry]";

/// The bytes of a manifest that are read for it: it stands after a few lines.
const MANIFEST_BYTES: u64 = 16 << 10;

/// Decides what belongs to a plain directory, and remembers what does not.
pub(super) struct LeftOut {
    /// The working tree of git that the directory is in.
    git: Option<PathBuf>,
    /// The rules of git that stand in a directory, by that directory.
    rules: BTreeMap<PathBuf, Gitignore>,
    /// What was left out, but for git's own directory.
    paths: Vec<PathBuf>,
}

impl LeftOut {
    /// For the plain directory `directory`, an absolute path.
    pub(super) fn new(directory: &Path) -> Self {
        let git = directory.ancestors().find(|ancestor| ancestor.join(".git").exists());
        Self { git: git.map(Path::to_owned), rules: BTreeMap::new(), paths: vec![] }
    }

    /// Whether the file or directory at `path` does not belong; it is remembered then.
    pub(super) fn takes(&mut self, path: &Path, is_directory: bool) -> bool {
        let taken = is_hidden(path) || (is_directory && is_output(path)) || self.is_ignored(path, is_directory);
        if taken && path.file_name() != Some(OsStr::new(".git")) {
            self.paths.push(path.to_owned());
        }
        taken
    }

    /// What was left out.
    pub(super) fn into_paths(mut self) -> Vec<PathBuf> {
        self.paths.sort();
        self.paths
    }

    /// Whether git ignores `path`: the rules of the nearest directory that has one for it count.
    fn is_ignored(&mut self, path: &Path, is_directory: bool) -> bool {
        let Some(git) = self.git.clone() else { return false };
        for directory in path.ancestors().skip(1).take_while(|directory| directory.starts_with(&git)) {
            let rules = self.rules.entry(directory.to_owned()).or_insert_with(|| rules_in(directory));
            match rules.matched(path, is_directory) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

/// The rules of git in `directory`. Lines that are no patterns do not count, as with git.
fn rules_in(directory: &Path) -> Gitignore {
    let mut rules = GitignoreBuilder::new(directory);
    for file in [".git/info/exclude", ".gitignore"] {
        let _ = rules.add(directory.join(file));
    }
    rules.build().unwrap_or_else(|_| Gitignore::empty())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Whether a directory holds the output of a build, packages that a package manager put there, or a generated crate, which
/// has copies of the sources.
fn is_output(path: &Path) -> bool {
    let is_of_cargo = || path.ends_with("target") && path.with_file_name("Cargo.toml").exists();
    path.ends_with("node_modules") || path.join(CACHE_TAG).exists() || is_of_cargo() || is_generated_crate(path)
}

fn is_generated_crate(path: &Path) -> bool {
    let Ok(manifest) = File::open(path.join("Cargo.toml")) else { return false };
    let mut text = Vec::new();
    let read = manifest.take(MANIFEST_BYTES).read_to_end(&mut text);
    read.is_ok() && text.split(|byte| *byte == b'\n').any(|line| line == GENERATED)
}
